package signaling

import (
	"math"
	"testing"
	"time"

	"bonafide/server/evidence"
)

func TestFactsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		fact Fact
		bad  string // the field; "" for none
	}{
		"hidden":           {Fact{Fact: "visible", State: "hidden"}, ""},
		"window":           {Fact{Fact: "window", Width: 1280, Height: 720, Screens: 2}, ""},
		"network":          {Fact{Fact: "network", State: "srflx", Family: "ipv6", Protocol: "udp", Address: "2001:db8::1", RTTMS: 40, PlayoutMS: 60, LostShare: 0.02}, ""},
		"clock":            {Fact{Fact: "clock", ClientMS: 1700000000000, ZoneMin: -480, TimeZone: "America/Los_Angeles"}, ""},
		"device":           {Fact{Fact: "device"}, "fact"},
		"unknown":          {Fact{Fact: "mood"}, "fact"},
		"another's state":  {Fact{Fact: "focus", State: "hidden"}, "state"},
		"negative size":    {Fact{Fact: "window", Width: -1}, "width"},
		"three screens":    {Fact{Fact: "window", Screens: 3}, "screens"},
		"a name as family": {Fact{Fact: "network", State: "host", Family: "Telecom"}, "family"},
		"text as address":  {Fact{Fact: "network", State: "host", Address: "Main Street 1"}, "address"},
		"not a number":     {Fact{Fact: "network", State: "host", RTTMS: math.NaN()}, "rtt_ms"},
		"all lost twice":   {Fact{Fact: "network", State: "host", LostShare: 2}, "lost_share"},
		"zone":             {Fact{Fact: "clock", ClientMS: 1, ZoneMin: 10_000}, "zone_min"},
		"no clock":         {Fact{Fact: "clock"}, "client_ms"},
	} {
		err := c.fact.check()
		got := ""
		if err != nil {
			p, ok := explain(err)
			if !ok {
				t.Fatalf("%s: %v is not explained", name, err)
			}
			got = p.Field
		}
		if got != c.bad {
			t.Errorf("%s: field %q is refused (%v), want %q", name, got, err, c.bad)
		}
	}
}

func TestNetworkIsKeptWhenItChanges(t *testing.T) {
	var g page
	tell := func(state, address string) (changed, kept bool) {
		f := evidence.FactPayload{Fact: evidence.FactNetwork, State: state}
		kept = g.path(&f, address)
		return f.Changed, kept
	}
	if changed, kept := tell("srflx", "192.0.2.1"); changed || !kept {
		t.Errorf("first: changed %v, kept %v; want it kept, and no change", changed, kept)
	}
	if changed, kept := tell("srflx", "192.0.2.1"); changed || kept {
		t.Errorf("the same: changed %v, kept %v; want neither", changed, kept)
	}
	if changed, kept := tell("srflx", "198.51.100.7"); !changed || !kept {
		t.Errorf("another address: changed %v, kept %v; want both", changed, kept)
	}
	g.kept = time.Now().Add(-networkEvery)
	if changed, kept := tell("srflx", "198.51.100.7"); changed || !kept {
		t.Errorf("a minute later: changed %v, kept %v; want it kept, and no change", changed, kept)
	}
}

func TestVirtualDevices(t *testing.T) {
	for label, want := range map[string]bool{
		"OBS Virtual Camera": true, "ManyCam Virtual Webcam": true, "CABLE Output (VB-Audio Virtual Cable)": true, "Krisp Microphone": true,
		"Dummy video device (0x0000)": true, "Integrated Camera (04f2:b6d0)": false, "FaceTime HD Camera": false, "Logitech BRIO": false,
		"Headset (Jabra Evolve2 65)": false, "Jobs Camera": false, "": false,
	} {
		if got := VirtualDevice(label); got != want {
			t.Errorf("%q is named like a program: %v, want %v", label, got, want)
		}
	}
}
