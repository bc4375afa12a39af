extension Simulator {
    /// Whether the row stays when it ends with its present status.
    func isKept(_ row: Execution) -> Bool {
        func setting(_ name: String, _ usual: Bool) -> Bool {
            switch row.snapshot["settings"]?[name] {
            case .bool(let flag)?: flag
            case .string("none")?: false
            case .string("all")?: true
            default: usual
            }
        }
        if row.status == .waiting || stuck.contains(row.id) { return true }
        if row.mode == "manual" { return setting("saveManualExecutions", configuration.saves.manual) }
        return row.status == .success
            ? setting("saveDataSuccessExecution", configuration.saves.successes)
            : setting("saveDataErrorExecution", configuration.saves.failures)
    }

    /// Whether the run's progress is stored while it runs.
    func savesProgress(_ row: Execution) -> Bool {
        row.snapshot["settings"]?["saveExecutionProgress"]?.flag ?? configuration.saves.progress
    }
}
