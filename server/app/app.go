// Package app builds the parts of the server, owns their start and shutdown,
// and carries what one part says to the others. Only it wires; its tests hold
// the table of who may import whom.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bonafide/models"
	"bonafide/server/analysis"
	"bonafide/server/api"
	"bonafide/server/auth"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/place"
	"bonafide/server/recorder"
	"bonafide/server/relay"
	"bonafide/server/signaling"
	"bonafide/server/store"
	"bonafide/server/vault"
	"bonafide/web"
)

// Version is what /healthz and the log of a start say.
const Version = "0.1"

// App is a running server. New opens it, Run serves, Close ends it.
type App struct {
	cfg Config
	log *slog.Logger

	alone    *os.File // the lock of the data folder
	vault    *vault.Vault
	store    *store.Store
	auth     *auth.Service
	journal  *journal
	proofs   *proofs
	records  *records
	verify   *verification
	endings  endings
	relay    *relay.Relay
	recorder *recorder.Recorder
	analysis *analysis.Manager // nil with NoAnalysis
	steps    *steps
	places   *place.Table
	sinks    *sinks
	hub      *signaling.Hub
	disk     *diskWatch

	api      *api.API
	listener net.Listener
	http     *http.Server

	stopJournal context.CancelFunc
	ending      sync.WaitGroup // interviews whose recordings are being finished
	finishing   sync.Map       // interviews that ended and whose last entries are being written
	background  sync.WaitGroup // work that shutdown waits for, and cuts short where it can be done again
	idle        context.Context
	stopIdle    context.CancelFunc
}

// New opens the database, repairs what a crash left, checks the models, and
// opens the ports. Nothing is served before Run.
func New(ctx context.Context, cfg Config, log *slog.Logger) (a *App, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.mediaDir(), 0o750); err != nil {
		return nil, fmt.Errorf("making the recordings folder: %w", err)
	}
	a = &App{cfg: cfg, log: log}
	a.idle, a.stopIdle = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if a.alone, err = alone(cfg.Data); err != nil {
		return a, err
	}
	if a.store, a.vault, err = cfg.openStore(ctx, log); err != nil {
		return a, err
	}
	a.auth = auth.New(a.store, log)
	a.journal = newJournal(a.store, log, time.Second, a.logFailing)
	journalCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stopJournal = stop
	go a.journal.run(journalCtx) // waited for by Close
	if err = a.repair(ctx); err != nil {
		return a, err
	}
	a.proofs = newProofs(cfg, a.store, a.vault, log)
	if a.proofs.vouching, err = newVouching(cfg, a.store, log); err != nil {
		return a, err
	}
	if err = a.proofs.start(ctx); err != nil {
		a.proofs = nil // Close signs nothing then
		return a, err
	}
	a.verify = newVerification(a.store, a.vault, cfg.mediaDir(), log)
	if err = a.openRecords(ctx); err != nil {
		return a, err
	}
	if err = a.openMedia(); err != nil {
		return a, err
	}
	if err = a.resume(ctx); err != nil {
		return a, err
	}
	a.disk = &diskWatch{path: cfg.Data, least: cfg.DiskLow, every: 10 * time.Second, log: log, changed: a.diskChanged, free: freeBytes}
	return a, a.openHTTP()
}

// openMedia builds what packets pass through: analysis, recorder, relay, rooms.
func (a *App) openMedia() (err error) {
	if !a.cfg.NoAnalysis {
		set, err := models.Open(a.cfg.Models) // checked here so that a wrong file is an error now, not in a call
		if err != nil {
			return fmt.Errorf("checking the models: %w", err)
		}
		if err := set.Close(); err != nil {
			return fmt.Errorf("closing the models: %w", err)
		}
		if a.analysis, err = analysis.New(a.cfg.analysis(a.vault), a.log, analysisEvents{a}); err != nil {
			return err
		}
	}
	if a.recorder, err = recorder.New(recorder.Config{Dir: a.cfg.mediaDir(), Vault: a.vault}, a.log, a.recordingEvents()); err != nil {
		return err
	}
	if a.relay, err = relay.New(a.cfg.relay(), a.log); err != nil {
		return err
	}
	var check stepChecker
	if a.analysis != nil {
		check = a.analysis
	}
	a.steps = newSteps(check, a.keepStep)
	if a.places, err = place.Load(place.DefaultDir); err != nil {
		a.log.Warn("the daylight at claimed places is not known", "err", err)
	}
	a.sinks = newSinks(a, a.log)
	a.hub = signaling.New(a.relay, backend{a.store, a.auth, &a.endings, a.places}, a.hooks(), a.cfg.signaling(a.sinks.factory), a.log)
	return nil
}

// record, analyse and gate make App the taker of tracks.

func (a *App) record(t media.Track) (media.Sink, error) { return a.recorder.Sink(t) }

func (a *App) analyse(t media.Track) media.Sink {
	if a.analysis == nil {
		return nil
	}
	return a.analysis.Sink(t)
}

func (a *App) gate(id string, g analysis.Gate) {
	if a.analysis != nil {
		a.analysis.SetGate(id, g)
	}
}

// hooks follow what happens in rooms. They are called from rooms' goroutines.
func (a *App) hooks() signaling.Hooks {
	return signaling.Hooks{
		Consent: func(iv interview.Interview, p interview.Participant) {
			a.sinks.consented(p)
			a.sinks.setGate(iv) // an interviewer's answer says whether they may be heard
			a.hub.RefreshSinks(iv.ID)
			if p.Role == interview.Candidate && !p.Consents[evidence.ConsentTemplates] {
				a.ending.Go(func() { a.dropTemplates(iv.ID, p.ID) })
			}
			if !p.Consents[evidence.ConsentRecording] {
				// Nothing is written any more; what was is closed and hashed now.
				a.ending.Go(func() { a.recorder.Stop(iv.ID, p.ID) })
			}
		},
		Kinds: a.sinks.setGate,
		Started: func(iv interview.Interview, _ time.Time) {
			a.recallConsents(iv)
			a.sinks.setGate(iv)
		},
		Left: func(iv interview.Interview, p interview.Participant) {
			a.ending.Go(func() { a.recorder.Finish(iv.ID, p.ID) })
		},
		Marked: func(iv interview.Interview, participant string, phase evidence.QuestionPhase, atMS int64) {
			if a.analysis != nil {
				a.analysis.Mark(iv.ID, participant, phase, time.Duration(atMS)*time.Millisecond)
			}
		},
		Fact: func(iv interview.Interview, f evidence.FactPayload, atMS int64) {
			if a.analysis != nil {
				a.analysis.Fact(iv.ID, f, time.Duration(atMS)*time.Millisecond)
			}
		},
		Retake:    a.retake,
		StepBegan: a.steps.began,
		StepOver:  a.steps.over,
		Ended: func(iv interview.Interview, reason string) {
			a.finishing.Store(iv.ID, true) // before the interview is marked as ended
			a.ending.Go(func() { a.finish(iv, reason) })
		},
	}
}

// recallConsents takes over what people answered before this room was opened:
// in an earlier run of the server, or while they were here the last time.
func (a *App) recallConsents(iv interview.Interview) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	people, err := a.store.Participants(ctx, iv.ID)
	if err != nil {
		a.log.Error("earlier consents are not known; nothing is recorded without a new answer", "interview", iv.ID, "err", err)
		return
	}
	a.sinks.recall(people)
}

// finish closes the recordings and the analysis of an interview.
func (a *App) finish(iv interview.Interview, reason string) {
	begun := time.Now()
	a.recorder.FinishInterview(iv.ID)
	if a.analysis != nil {
		if err := a.analysis.Finish(iv.ID); err != nil {
			a.log.Error("analysis did not finish", "interview", iv.ID, "err", err)
		}
	} else if begun := iv.StartedMS; begun > 0 {
		a.notAnalysed(iv.ID, iv.Candidate, time.Now().UnixMilli()-begun)
	}
	a.steps.finish(iv.ID)
	people, err := a.store.Participants(context.Background(), iv.ID)
	if err != nil {
		a.log.Error("people of an ended interview", "interview", iv.ID, "err", err)
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	a.sinks.forget(iv.ID, ids)
	written, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	a.journal.flush(written)
	a.keepAgreed(people)
	a.finishing.Delete(iv.ID)
	if reason != "drain" { // then it goes on after the restart
		a.seal(iv.ID)
	}
	if err := a.records.Refresh(context.Background(), iv.ID); err != nil {
		a.log.Error("when the record of an interview goes could not be computed; the next sweep does it", "interview", iv.ID, "err", err)
	}
	a.background.Go(func() { a.prepareReview(iv.ID) })
	a.log.Info("interview finished", "interview", iv.ID, "reason", reason, "took", time.Since(begun).Round(time.Millisecond))
}

// sealWait is how long the entry that ends an interview may take to be written
// before its log is closed without it.
const sealWait = 15 * time.Second

// seal closes the log of an ended interview once everything is in it.
func (a *App) seal(id string) {
	if !a.endings.wait(id, sealWait) {
		a.log.Error("the end of an interview was not written in time; its log is closed without it", "interview", id)
	}
	if err := a.proofs.seal(context.Background(), id); err != nil {
		a.log.Error("the log of an interview could not be closed and signed; the next start does it", "interview", id, "err", err)
	}
}

// prepareReview computes what the review would otherwise compute when it is
// first opened. It may be cut short: then the review does it.
func (a *App) prepareReview(id string) {
	if err := a.api.PrepareLevels(a.idle, id); err != nil && a.idle.Err() == nil {
		a.log.Warn("sound levels were not prepared", "interview", id, "err", err)
	}
}

// isFinishing tells whether the last entries of an interview are being written.
func (a *App) isFinishing(id string) bool {
	_, is := a.finishing.Load(id)
	return is
}

// openHTTP opens the web server's port.
func (a *App) openHTTP() (err error) {
	provider, err := a.cfg.oidc()
	if err != nil {
		return err
	}
	certificates, err := a.cfg.certificates()
	if err != nil {
		return err
	}
	a.api, err = api.New(api.Config{
		Store: a.store, Auth: a.auth, Signaling: a.hub, Web: web.FS(), MediaDir: a.cfg.mediaDir(),
		Policy: a.cfg.Unrecorded, KeepDays: a.cfg.KeepDays, Operator: a.cfg.Operator, Version: Version,
		TLS: a.cfg.TLS(), PublicURL: a.cfg.PublicURL, TrustProxy: a.cfg.TrustProxy, LinkHours: a.cfg.LinkHours,
		DiskLow: a.disk.Low, Finishing: a.isFinishing, Cancelled: a.cancelled, Levels: codec.LevelsOf, Records: a.records, Pictures: a.newProfiles(), Vault: a.vault, Places: a.places, Receipt: a.receipt, Export: a.export, Verifier: a.verify,
		CandidateFindings: a.cfg.CandidateFindings, CandidateNames: a.cfg.CandidateNames, OIDC: provider,
	}, a.log)
	if err != nil {
		return err
	}
	if a.listener, err = net.Listen("tcp", a.cfg.Addr); err != nil {
		return fmt.Errorf("opening the web server's port: %w", err)
	}
	a.http = &http.Server{
		Handler:           a.api,
		TLSConfig:         certificates, // nil where they come from files
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	return nil
}

// URL is where the server listens, for the console and for tests.
func (a *App) URL() string {
	scheme := "http"
	if a.cfg.TLS() {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(a.listener.Addr().String())
	if err != nil {
		return scheme + "://" + a.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Run serves until ctx ends, then warns the live rooms, closes their
// recordings whole, and returns.
func (a *App) Run(ctx context.Context) error {
	// Asked to the end even where the server is told to stop at once: that is
	// no failure, and what was opened is closed below.
	token, err := a.auth.SetupToken(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	a.journal.add(evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryServerStarted, Payload: struct{}{}}, nil)
	a.log.Info("listening", "url", a.URL())
	if token != "" {
		fmt.Printf("\nThis server has no account yet. Open %s and enter the set-up token: %s\n\n", a.URL(), token)
	}
	a.background.Go(func() {
		if err := a.store.PrepareSearch(a.idle); err != nil && a.idle.Err() == nil {
			a.log.Warn("notes were not indexed; the first search does it", "err", err)
		}
	})
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return a.disk.run(running) })
	g.Go(func() error { return a.proofs.every(running, time.Hour) })
	g.Go(func() error { return a.records.every(running, 24*time.Hour) })
	if v := a.proofs.vouching; v != nil {
		g.Go(func() error { return v.run(running, 10*time.Minute) })
	}
	g.Go(func() error { return a.endAbandoned(running, time.Minute, a.cfg.AbandonAfter) })
	g.Go(func() error {
		if a.cfg.TLS() {
			err = a.http.ServeTLS(a.listener, a.cfg.TLSCert, a.cfg.TLSKey)
		} else {
			err = a.http.Serve(a.listener)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serving: %w", err)
	})
	g.Go(func() error {
		<-running.Done()
		a.drain()
		return nil
	})
	return g.Wait()
}

// drain warns the rooms, waits until they are empty or the time is over, and
// stops the web server.
func (a *App) drain() {
	if live := a.hub.Live(); len(live) > 0 {
		a.log.Info("draining", "rooms", len(live), "at_most", a.cfg.Drain)
		for _, id := range live {
			a.journal.add(evidence.NewEntry{Interview: id, Actor: evidence.System, Kind: evidence.EntryServerDraining, Payload: struct{}{}}, nil)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.Drain)
	defer cancel()
	a.hub.Drain(ctx)
	a.ending.Wait()
	stop, cancelStop := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancelStop()
	if err := a.http.Shutdown(stop); err != nil {
		a.log.Warn("web server closed with requests under way", "err", err)
		_ = a.http.Close()
	}
}

// Close ends what New opened, in the order in which data flows, so that each
// part has written what it held before the next one closes.
func (a *App) Close() error {
	var errs []error
	if a.hub != nil {
		a.hub.Close()
	}
	if a.relay != nil {
		errs = append(errs, a.relay.Close())
	}
	a.ending.Wait()
	a.stopIdle()
	if a.verify != nil {
		a.verify.close()
	}
	a.background.Wait()
	if a.recorder != nil {
		errs = append(errs, a.recorder.Close())
	}
	if a.analysis != nil {
		errs = append(errs, a.analysis.Close())
	}
	if a.steps != nil {
		a.steps.close()
	}
	if a.listener != nil {
		_ = a.listener.Close() // closed already by the web server, where that ran
	}
	if a.api != nil {
		errs = append(errs, a.api.Close())
	}
	if a.journal != nil {
		a.stopJournal()
		<-a.journal.done
	}
	if a.proofs != nil {
		if _, err := a.proofs.checkpoint(context.Background(), store.AtShutdown); err != nil {
			errs = append(errs, err)
		}
	}
	if a.records != nil {
		errs = append(errs, a.records.close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close(), a.vault.Close())
	}
	if a.alone != nil {
		errs = append(errs, a.alone.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing: %w", err)
	}
	return nil
}
