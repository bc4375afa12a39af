public import MendflowCore

extension RegularExpression: TextPattern {}
