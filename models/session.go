package models

import (
	"errors"
	"fmt"

	ort "github.com/yalue/onnxruntime_go"
)

// Session runs one model on one thread. It is not safe for concurrent use:
// every user makes its own.
type Session struct {
	model   Artifact
	inputs  []*ort.Tensor[float32]
	outputs []*ort.Tensor[float32]
	fixed   []*ort.Tensor[int64] // the model's constants
	session *ort.AdvancedSession
}

// Session loads the model of that name. Its inputs and outputs are those of
// the manifest, in that order.
func (s *Set) Session(name string) (*Session, error) {
	a, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	if a.Kind != KindModel {
		return nil, fmt.Errorf("models: %q is a %s, not a model", name, a.Kind)
	}
	b, err := s.Data(name)
	if err != nil {
		return nil, err
	}
	return newSession(a, b)
}

// newSession loads a model from memory: the bytes whose hash was checked are
// the bytes that run.
func newSession(a Artifact, onnx []byte) (_ *Session, err error) {
	s := &Session{model: a}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("loading model %s: %w", a.Name, err), s.Close())
		}
	}()
	var inNames, outNames []string
	var in, out []ort.Value
	for _, t := range a.Inputs {
		v, err := ort.NewEmptyTensor[float32](ort.NewShape(t.Shape...))
		if err != nil {
			return nil, err
		}
		s.inputs, inNames, in = append(s.inputs, v), append(inNames, t.Name), append(in, v)
	}
	for _, c := range a.Constants {
		v, err := ort.NewTensor(ort.NewShape(1), []int64{c.Value})
		if err != nil {
			return nil, err
		}
		s.fixed, inNames, in = append(s.fixed, v), append(inNames, c.Name), append(in, v)
	}
	for _, t := range a.Outputs {
		v, err := ort.NewEmptyTensor[float32](ort.NewShape(t.Shape...))
		if err != nil {
			return nil, err
		}
		s.outputs, outNames, out = append(s.outputs, v), append(outNames, t.Name), append(out, v)
	}
	opts, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer opts.Destroy()
	// One thread: on models this small a second one gains less than half and
	// the interviews running beside it lose more.
	if err := errors.Join(opts.SetIntraOpNumThreads(1), opts.SetInterOpNumThreads(1)); err != nil {
		return nil, err
	}
	s.session, err = ort.NewAdvancedSessionWithONNXData(onnx, inNames, outNames, in, out, opts)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Info gives the model's name and sha256.
func (s *Session) Info() Info { return Info{Name: s.model.Name, SHA256: s.model.SHA256} }

// Input is the session's own memory for input i: fill it in place, then call
// Run without arguments.
func (s *Session) Input(i int) []float32 { return s.inputs[i].GetData() }

// Run computes the outputs, one slice for each in the manifest's order. The
// arguments, if any, are copied to the inputs first. The slices belong to the
// session and change with the next Run.
func (s *Session) Run(in ...[]float32) ([][]float32, error) {
	if s.session == nil {
		return nil, fmt.Errorf("running model %s: session is closed", s.model.Name)
	}
	if len(in) != 0 && len(in) != len(s.inputs) {
		return nil, fmt.Errorf("running model %s: %d inputs given, want %d", s.model.Name, len(in), len(s.inputs))
	}
	for i, v := range in {
		if dst := s.Input(i); len(v) != len(dst) {
			return nil, fmt.Errorf("running model %s: input %q has %d values, want %d",
				s.model.Name, s.model.Inputs[i].Name, len(v), len(dst))
		}
		copy(s.Input(i), v)
	}
	if err := s.session.Run(); err != nil {
		return nil, fmt.Errorf("running model %s: %w", s.model.Name, err)
	}
	out := make([][]float32, len(s.outputs))
	for i, t := range s.outputs {
		out[i] = t.GetData()
	}
	return out, nil
}

// Close frees the model. It may be called again.
func (s *Session) Close() error {
	var errs []error
	if s.session != nil {
		errs = append(errs, s.session.Destroy())
		s.session = nil
	}
	for _, t := range append(s.inputs, s.outputs...) {
		errs = append(errs, t.Destroy())
	}
	for _, t := range s.fixed {
		errs = append(errs, t.Destroy())
	}
	s.inputs, s.outputs, s.fixed = nil, nil, nil
	return errors.Join(errs...)
}
