package signaling

import (
	"maps"
	"slices"
)

// ClientMessages are the names of all messages that a client may send after "join".
func ClientMessages() []string { return slices.Sorted(maps.Keys(messages)) }

// ServerMessages are the names of all messages of the server.
func ServerMessages() []string { return slices.Sorted(maps.Keys(serverMessages())) }
