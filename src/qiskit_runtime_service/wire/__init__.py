"""Translation between records and what goes over the wire. No decisions and no IO."""
