/// A large value in one place, so that what holds it is small and its copies share it; equal by value.
final class Shared<Value: Sendable & Hashable>: Sendable, Hashable {
    let value: Value

    init(_ value: Value) { self.value = value }

    /// The same with another value of one part, for the one who changes it.
    func with<Part>(_ part: WritableKeyPath<Value, Part>, _ new: Part) -> Shared {
        var changed = value
        changed[keyPath: part] = new
        return Shared(changed)
    }

    static func == (one: Shared, other: Shared) -> Bool { one === other || one.value == other.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
