extension ErrorRuleTable {
    /// Nodes that run what their author wrote.
    static let scriptNodes = ["*.code", "*.function", "*.functionItem", "*.aiTransform"]

    /// What a script throws is its author's word, whatever it speaks of; what it could not reach or load is not.
    static let scripts: [ErrorRuleSpec] = scriptWords + scriptCalls + [script]

    private static let scriptWords: [ErrorRuleSpec] = [
        .words(
            "module-disallowed", .configuration, example: "Module 'fs' is disallowed [line 1]",
            source: "recorded: n8n 2.41.1, a Code node", "module '[^']*' is disallowed", "cannot find module",
            "ModuleNotFoundError", "(?:import|module) .* (?:is )?not allowed", "security violations? detected"),
        .words(
            "thrown", .data, example: "Customer 42 has no address [line 1]",
            source: "recorded: n8n 2.41.1, a Code node", #"\[line \d+"#),
    ]

    /// Errors of a script's calls, which HTTP clients make in words that no author writes by chance.
    private static let scriptCalls: [ErrorRuleSpec] = (networkWords + networkCodes + statuses).compactMap { rule in
        // A script's files are its own matter.
        rule.id == "file-system" ? nil : rule.of(scriptNodes)
    }

    private static let script = ErrorRuleSpec(
        id: "script", .data, nodeTypes: scriptNodes, example: "total is negative",
        source: "what a script throws is its author's")
}
