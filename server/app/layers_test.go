package app

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"sort"
	"strings"
	"testing"
)

// arrows is the map of the house: what each package may import of ours, and
// which third-party modules it alone may use. An arrow that is not here fails
// the build; a new one is a decision, taken by changing this table.
var arrows = map[string]struct {
	ours     []string
	confines []string
}{
	"server":            {[]string{"server/app", "server/evidence", "server/auth", "server/store", "server/analysis", "models"}, []string{"github.com/alecthomas/kong"}},
	"server/app":        {[]string{"*"}, []string{"golang.org/x/sync"}},
	"server/evidence":   {nil, nil},
	"server/interview":  {[]string{"server/evidence"}, nil},
	"server/durable":    {nil, nil},
	"server/place":      {[]string{"server/evidence"}, nil},
	"server/media":      {nil, []string{"github.com/pion/rtp"}},
	"server/webm":       {[]string{"server/media"}, nil},
	"server/codec":      {[]string{"server/media", "server/webm", "vision"}, []string{"github.com/pion/opus"}},
	"server/relay":      {[]string{"server/media"}, []string{"github.com/pion/webrtc/v4", "github.com/pion/interceptor", "github.com/pion/turn/v5", "github.com/pion/ice/v4"}},
	"server/signaling":  {[]string{"server/relay", "server/media", "server/evidence", "server/interview", "server/auth"}, []string{"github.com/gorilla/websocket"}},
	"server/vault":      {[]string{"server/evidence", "server/durable"}, nil},
	"server/backup":     {[]string{"server/vault", "server/durable"}, nil},
	"server/retention":  {[]string{"server/evidence", "server/interview"}, nil},
	"server/recorder":   {[]string{"server/media", "server/webm", "server/evidence", "server/vault"}, nil},
	"server/analysis":   {[]string{"server/media", "server/webm", "server/codec", "server/evidence", "server/speech", "vision", "vision/opencv", "vision/face", "vision/gaze", "vision/identity", "vision/document", "vision/challenge", "vision/liveness", "vision/mrz", "models", "server/vault", "server/durable"}, nil},
	"server/speech":     {[]string{"server/media", "server/evidence", "models"}, nil},
	"server/store":      {[]string{"server/evidence", "server/interview", "server/auth", "server/audit", "server/vault", "server/retention", "server/durable"}, []string{"github.com/mattn/go-sqlite3", "github.com/pressly/goose/v3"}},
	"server/auth":       {[]string{"server/evidence", "server/interview"}, []string{"golang.org/x/crypto/argon2", "github.com/pquerna/otp", "github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"}},
	"server/api":        {[]string{"server/evidence", "server/interview", "server/store", "server/auth", "server/gallery", "server/place", "server/signaling", "web", "server/vault", "server/retention"}, nil},
	"server/audit":      {[]string{"server/evidence", "server/durable"}, []string{"golang.org/x/mod", "github.com/digitorus/pkcs7"}},
	"server/verify":     {[]string{"server/audit"}, nil},
	"server/witness":    {[]string{"server/audit", "server/durable"}, nil},
	"server/verifypage": {[]string{"server/audit"}, nil},
	"server/picture":    {[]string{"server/interview"}, nil},
	"server/gallery":    {nil, []string{"gonum.org/v1/gonum"}},
	"server/tsgen":      {nil, nil},
	"server/bench":      {[]string{"*"}, nil},
	"vision":            {nil, nil},
	"vision/opencv":     {[]string{"vision"}, []string{"gocv.io/x/gocv"}},
	"vision/face":       {[]string{"vision", "vision/opencv", "models"}, nil},
	"vision/mrz":        {nil, []string{"golang.org/x/text"}},
	"vision/document":   {[]string{"vision", "vision/opencv", "vision/mrz"}, nil},
	"vision/gaze":       {[]string{"vision"}, nil},
	"vision/liveness":   {[]string{"vision", "vision/opencv", "models"}, nil},
	"vision/challenge":  {[]string{"vision"}, nil},
	"vision/identity":   {[]string{"vision", "vision/opencv", "models"}, nil},
	"models":            {nil, []string{"github.com/yalue/onnxruntime_go"}},
	"web":               {nil, nil},
}

// support are packages that exist for tests and benches; they may be imported
// by tests only, and may import what they support.
var support = []string{"server/media/mediatest", "server/relay/relaytest", "server/signaling/signaltest", "server/audit/audittest", "vision/gaze/gazetest", "vision/document/doctest", "vision/document/doctest/specimen", "vision/face/facetest/turned"}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	owner := map[string]string{}
	for pkg, a := range arrows {
		for _, m := range a.confines {
			owner[m] = pkg
		}
	}
	for _, p := range list(t) {
		pkg := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "bonafide/"), "bonafide")
		if contains(support, pkg) {
			continue
		}
		a, known := arrows[pkg]
		if !known {
			t.Errorf("package %s is not in the table of arrows", pkg)
			continue
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, "bonafide/"); ok {
				if !contains(a.ours, "*") && !contains(a.ours, ours) {
					t.Errorf("%s imports %s: no such arrow", pkg, ours)
				}
				if contains(support, ours) && pkg != "server/bench" {
					t.Errorf("%s imports %s, which is for tests", pkg, ours)
				}
				continue
			}
			for module, by := range owner {
				if (imp == module || strings.HasPrefix(imp, module+"/")) && by != pkg && pkg != "server/bench" && !sharedModule(module) {
					t.Errorf("%s imports %s, which is confined to %s", pkg, imp, by)
				}
			}
		}
	}
}

// sharedModule names modules that are data types of the field rather than
// machinery, and may be used wherever packets are handled.
func sharedModule(m string) bool {
	return m == "github.com/pion/rtp" || m == "golang.org/x/sync" || m == "golang.org/x/text"
}

// TestNoOpenCVInServer holds the parts that must build and run without OpenCV.
func TestNoOpenCVInServer(t *testing.T) {
	for _, pkg := range []string{"relay", "signaling", "recorder", "store", "auth", "api", "media", "evidence", "interview", "audit", "vault"} {
		out, err := exec.Command("go", "list", "-deps", "bonafide/server/"+pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		for _, dep := range strings.Fields(string(out)) {
			if strings.HasPrefix(dep, "gocv.io/") || strings.HasPrefix(dep, "github.com/yalue/") {
				t.Errorf("server/%s depends on %s", pkg, dep)
			}
		}
	}
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "bonafide/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(p.ImportPath, "node_modules") {
			continue
		}
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ImportPath < all[j].ImportPath })
	return all
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
