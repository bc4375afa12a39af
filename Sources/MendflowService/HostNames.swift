import MendflowText

/// The names under which the service may be asked.
///
/// A page of somebody else's can make a browser ask for a name of its own that leads to this machine, and read the answer as if
/// it were its own. It cannot do so under an address, under `localhost`, or under a name that it has no hold of.
struct HostNames: Sendable {
    /// Further names, in small letters.
    let names: Set<String>

    /// Whether a request's header `Host` is one of them.
    func allow(_ header: String) -> Bool {
        guard let host = HostNames.host(header) else { return false }
        return host == "localhost" || host.first == "[" || ListenAddress.number(ofIPv4: host) != nil
            || names.contains(host)
    }

    /// The host without its port, in small letters; nil where it is no host.
    private static func host(_ header: String) -> String? {
        let text = header.lowercased()
        let host = text.first == "[" ? text.prefix { $0 != "]" } + "]" : text.prefix { $0 != ":" }
        let behind = text.dropFirst(host.count)
        guard text.hasPrefix(host), !host.isEmpty, behind.isEmpty || UInt16(behind.dropFirst()) != nil else {
            return nil
        }
        if host.first == "[" {
            let isAddress = host.dropFirst().dropLast().utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
            guard isAddress, host.count > 3 else { return nil }
        }
        return String(host.last == "." ? host.dropLast() : host)
    }
}
