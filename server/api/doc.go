// Package api serves HTTP: the JSON routes under /api, media with Range, the
// websocket of rooms, and the embedded pages. Every error becomes a status and
// a code in one table.
package api
