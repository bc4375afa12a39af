/// A workflow as it is saved, which `load_workflow` would run.
extension WorkflowInfo {
    /// What is different of the node at which a retry would begin; nil where it is the same.
    ///
    /// Where that node is disabled n8n skips it and ends as a success; where it is gone n8n answers 500 (n8n facts 3.6).
    package func change(since detail: ExecutionDetail) -> String? {
        guard let node = detail.startNode ?? detail.lastNode else {
            return "the node at which it begins is not known"
        }
        guard let nodes else { return "the saved workflow's nodes cannot be read" }
        return nodes.change(of: node)
    }

    /// Why what is saved is not what is published; nil where it is, or where nothing is published.
    package var draftDifference: String? {
        guard let publishedVersion, draftVersion != publishedVersion else { return nil }
        return "the saved draft of '\(name)' is not the published version"
    }
}
