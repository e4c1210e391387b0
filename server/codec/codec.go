// Package codec turns what is on the wire into pictures and sound: VP8 by
// libvpx, with its flag for damaged pictures, and Opus in pure Go. It also
// holds the VP8 encoder that makes media of known content for tests, and the
// sound level of a recording for display.
package codec

import "errors"

// Errors that callers tell apart.
var (
	// ErrClosed is returned by a decoder or encoder that was closed.
	ErrClosed = errors.New("codec is closed")
	// ErrInvalid wraps errors caused by data that is not what it should be.
	// The decoder goes on with the next frame.
	ErrInvalid = errors.New("invalid data")
)
