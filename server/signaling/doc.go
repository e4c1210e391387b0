// Package signaling speaks the websocket protocol of rooms: it admits
// participants, carries session descriptions and candidates between browsers
// and the relay, and turns what people do in a room into log entries.
// PROTOCOL.md, one folder up, describes it for readers.
package signaling
