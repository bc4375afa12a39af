import MendflowCore
import MendflowHTML
import MendflowWorkspace

/// Signing in with the service's token.
struct LoginPage {
    let canSignIn: Bool
    /// Whether a try failed just now, and the page to go on with.
    let hasFailed: Bool, next: String

    var page: ConsolePage {
        guard canSignIn else {
            return ConsolePage(
                title: "Sign in", section: nil,
                content: """
                    <p>The service has no token, so that nobody can sign in and nothing can be changed from here. \
                    <code>token_env</code> or <code>token_file</code> under <code>service</code> in mendflow.yaml names one.</p>
                    """)
        }
        let failed: HTMLText =
            hasFailed ? .notice("<p>That is not the token of this service.</p>", .bad) : ""
        return ConsolePage(
            title: "Sign in", section: nil,
            content: """
                \(failed)<p>The token is the one that mendflow.yaml names under <code>service</code>. What you do is on record \
                under your name.</p>
                <form method="post" action="/login"><input type="hidden" name="next" value="\(next)">
                <label>Your name<input name="name" autocomplete="username" maxlength="60" required></label>
                <label>Token<input name="token" type="password" autocomplete="current-password" required></label>
                <button>Sign in</button></form>
                """)
    }
}

/// Something that could not be shown or done.
struct FailurePage {
    let title: String, message: String

    var page: ConsolePage {
        ConsolePage(
            title: title, section: nil,
            content: "\(HTMLText.notice("<p>\(message)</p>", .bad))<p>\(Place().link("Now"))</p>")
    }
}

/// Where an execution of that number may be.
struct FindPage {
    let execution: ExecutionID, instances: [String]

    var page: ConsolePage {
        let items = instances.map { name -> HTMLText in
            "<li>\(Place.execution(execution, on: name).link("\(execution) on \(name)"))</li>"
        }
        return ConsolePage(
            title: "Execution \(execution)", section: .held,
            content: "<p>Every instance numbers its executions for itself:</p><ul>\(HTMLText.all(items))</ul>")
    }
}
