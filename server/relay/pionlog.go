package relay

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs sends pion's logs to ours, one level lower: what it calls an error
// (a peer that went away while a packet was on its way) seldom is one for the
// operator.
type pionLogs struct{ log *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (p pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{p.log.With("pion", scope)}
}

type pionLog struct{ log *slog.Logger }

func (l pionLog) put(level slog.Level, format string, args []any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	l.log.Log(context.Background(), level, format)
}

func (l pionLog) Trace(string)                { /* per packet */ }
func (l pionLog) Tracef(string, ...any)       { /* per packet */ }
func (l pionLog) Debug(string)                { /* per packet */ }
func (l pionLog) Debugf(string, ...any)       { /* per packet */ }
func (l pionLog) Info(m string)               { l.put(slog.LevelDebug, m, nil) }
func (l pionLog) Infof(m string, args ...any) { l.put(slog.LevelDebug, m, args) }
func (l pionLog) Warn(m string)               { l.put(slog.LevelDebug, m, nil) }
func (l pionLog) Warnf(m string, args ...any) { l.put(slog.LevelDebug, m, args) }
func (l pionLog) Error(m string)              { l.put(slog.LevelInfo, m, nil) }
func (l pionLog) Errorf(m string, args ...any) {
	l.put(slog.LevelInfo, m, args)
}
