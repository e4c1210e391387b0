// Package models holds everything about the model files: the manifest of what
// we use and where it comes from, the fetch from pinned npm packages, our own
// conversion from TFLite to ONNX, the sha256 check when a file is loaded, and
// the inference sessions. It is the only package that knows ONNX Runtime.
package models

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Kind says what a manifest entry is for.
type Kind string

// The kinds of entries.
const (
	KindModel   Kind = "model"   // an ONNX model
	KindData    Kind = "data"    // constants that belong to a model
	KindLibrary Kind = "library" // the ONNX Runtime shared library of one platform
	KindSample  Kind = "sample"  // for tests only: a photo, or a model before its conversion
)

// Conversion names how a package's file becomes ours.
type Conversion string

// The conversions.
const (
	ConvertNone   Conversion = ""
	ConvertTFLite Conversion = "tflite→onnx"
	ConvertFlush  Conversion = "negligible weights→0"
)

// Tensor is one input or output of a model.
type Tensor struct {
	Name  string
	Shape []int64 // float32
}

// Len is the number of values.
func (t Tensor) Len() int {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return int(n)
}

// Artifact is one row of the manifest: one file in the models folder, and how
// it gets there.
type Artifact struct {
	Name string // how code and findings call it
	File string // in the models folder
	Kind Kind
	Arch string // GOARCH for a library, "" = every platform

	Package, Version string // of npm, exact
	Path             string // of the file inside the package
	// Offset and Length cut a part out of the package's file (a bundle of
	// several assets); Length 0 takes the whole file.
	Offset, Length int64
	MaxBytes       int64 // the package's file is never longer

	SourceSHA256 string // of the file or part, as packaged
	Convert      Conversion
	SHA256       string // of the file in the models folder
	Licence      string // as the package states it

	Inputs, Outputs []Tensor   // of a model
	Constants       []Constant // further inputs of a model, which never change
}

// Constant is an input of a model that is one whole number and stays the same.
type Constant struct {
	Name  string
	Value int64
}

const (
	faceMeshPackage = "@mediapipe/face_mesh"
	// Not the newest release: 0.4.1657299874 aborts when its own demonstration
	// runs, which rules it out as a reference. The model is the same in both.
	faceMeshVersion = "0.4.1633559619"
	faceMeshAssets  = "face_mesh_solution_packed_assets.data"
	ortPackage      = "onnxruntime-node"
	ortVersion      = "1.30.0"
	samplePackage   = "@vladmandic/face-api"
	sampleVersion   = "1.7.15"
)

// Names of the manifest's models and data.
const (
	FaceDetect   = "fr_detect"
	FaceMesh     = "face_mesh_attention"
	FaceEmbed    = "fr_feature"
	FaceLiveness = "fr_liveness"
	SpeechVAD    = "silero_vad"
	FaceGeometry = "face_geometry"
	Runtime      = "onnxruntime"

	faceMeshSource = "face_mesh_source" // FaceMesh before conversion
)

// Manifest lists every file we use. A new model is a new row.
var Manifest = []Artifact{
	{
		Name: FaceDetect, File: "fr_detect.onnx", Kind: KindModel,
		Package: "faceplugin-face-recognition-js", Version: "0.0.1", Path: "model/fr_detect.onnx", MaxBytes: 2 << 20,
		SourceSHA256: "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854",
		SHA256:       "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854",
		Licence:      "MIT",
		Inputs:       []Tensor{{"input", []int64{1, 3, 240, 320}}},
		Outputs:      []Tensor{{"scores", []int64{1, 4420, 2}}, {"boxes", []int64{1, 4420, 4}}},
	},
	{
		Name: FaceMesh, File: "face_mesh_attention.onnx", Kind: KindModel,
		Package: faceMeshPackage, Version: faceMeshVersion, Path: faceMeshAssets, MaxBytes: 8 << 20,
		Length:       2495952, // face_landmark_with_attention.tflite is the bundle's first asset
		SourceSHA256: "883b7411747bac657c30c462d305d312e9dec6adbf8b85e2f5d8d722fca9455d",
		Convert:      ConvertTFLite,
		SHA256:       "2e54d68cfac3aa1fb2717d35b5d271a0892487bf4d1018661237490b02a97075",
		Licence:      "Apache-2.0",
		Inputs:       []Tensor{{"input", []int64{1, 3, 192, 192}}},
		Outputs: []Tensor{
			{"output_mesh_identity", []int64{1, 1, 1, 1404}}, {"output_lips", []int64{1, 1, 1, 160}},
			{"output_left_eye", []int64{1, 1, 1, 142}}, {"output_right_eye", []int64{1, 1, 1, 142}},
			{"output_left_iris", []int64{1, 1, 1, 10}}, {"output_right_iris", []int64{1, 1, 1, 10}},
			{"conv_faceflag", []int64{1, 1, 1, 1}},
		},
	},
	{
		Name: FaceEmbed, File: "fr_feature.onnx", Kind: KindModel,
		Package: "faceplugin-face-recognition-js", Version: "0.0.1", Path: "model/fr_feature.onnx", MaxBytes: 8 << 20,
		SourceSHA256: "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
		Convert:      ConvertFlush,
		SHA256:       "3e90f2d0c33b05f448d8496c5774bea1084ace0d9173e0c64f9f489512c40abd",
		Licence:      "MIT",
		Inputs:       []Tensor{{"input", []int64{1, 3, 112, 112}}},
		Outputs:      []Tensor{{"output", []int64{1, 512}}},
	},
	{
		Name: FaceLiveness, File: "fr_liveness.onnx", Kind: KindModel,
		Package: "faceplugin-face-recognition-js", Version: "0.0.1", Path: "model/fr_liveness.onnx", MaxBytes: 4 << 20,
		SourceSHA256: "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
		SHA256:       "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
		Licence:      "MIT",
		Inputs:       []Tensor{{"input", []int64{1, 3, 128, 128}}},
		Outputs:      []Tensor{{"output", []int64{1, 3}}},
	},
	{
		// Version 6; the package also holds version 5 and an older one.
		Name: SpeechVAD, File: "silero_vad.onnx", Kind: KindModel,
		Package: "@ricky0123/vad-web", Version: "0.0.31", Path: "dist/silero_vad_v6.onnx", MaxBytes: 4 << 20,
		SourceSHA256: "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
		SHA256:       "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
		Licence:      "ISC (the model's own project states MIT)",
		Inputs:       []Tensor{{"input", []int64{1, 576}}, {"state", []int64{2, 1, 128}}},
		Outputs:      []Tensor{{"output", []int64{1, 1}}, {"stateN", []int64{2, 1, 128}}},
		Constants:    []Constant{{"sr", 16000}},
	},
	{
		Name: FaceGeometry, File: "face_geometry.binarypb", Kind: KindData,
		Package: faceMeshPackage, Version: faceMeshVersion, Path: faceMeshAssets, MaxBytes: 8 << 20,
		Offset: 3737848, Length: 19376, // geometry_pipeline_metadata_landmarks.binarypb
		SourceSHA256: "bdbcda96dfcb7da883da124aaa2c55dee49770d934f0fcc71747f8c21bdc75b4",
		SHA256:       "bdbcda96dfcb7da883da124aaa2c55dee49770d934f0fcc71747f8c21bdc75b4",
		Licence:      "Apache-2.0",
	},
	{
		Name: Runtime, File: "libonnxruntime-amd64.so", Kind: KindLibrary, Arch: "amd64",
		Package: ortPackage, Version: ortVersion, Path: "bin/napi-v6/linux/x64/libonnxruntime.so.1", MaxBytes: 64 << 20,
		SourceSHA256: "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
		SHA256:       "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
		Licence:      "MIT",
	},
	{
		Name: Runtime, File: "libonnxruntime-arm64.so", Kind: KindLibrary, Arch: "arm64",
		Package: ortPackage, Version: ortVersion, Path: "bin/napi-v6/linux/arm64/libonnxruntime.so.1", MaxBytes: 64 << 20,
		SourceSHA256: "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
		SHA256:       "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
		Licence:      "MIT",
	},
	{
		Name: faceMeshSource, File: "face_mesh_attention.tflite", Kind: KindSample,
		Package: faceMeshPackage, Version: faceMeshVersion, Path: faceMeshAssets, MaxBytes: 8 << 20,
		Length:       2495952,
		SourceSHA256: "883b7411747bac657c30c462d305d312e9dec6adbf8b85e2f5d8d722fca9455d",
		SHA256:       "883b7411747bac657c30c462d305d312e9dec6adbf8b85e2f5d8d722fca9455d",
		Licence:      "Apache-2.0",
	},
	sample(1, "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51"),
	sample(2, "7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691"),
	sample(3, "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936"),
	sample(4, "729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc"),
	sample(5, "6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938"),
	sample(6, "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87"),
}

// sample is a photograph of one or more real faces, about 1920×1400 pixels.
func sample(n int, sum string) Artifact {
	file := fmt.Sprintf("sample%d.jpg", n)
	return Artifact{
		Name: fmt.Sprintf("sample%d", n), File: file, Kind: KindSample,
		Package: samplePackage, Version: sampleVersion, Path: "demo/" + file, MaxBytes: 1 << 20,
		SourceSHA256: sum, SHA256: sum, Licence: "MIT",
	}
}

// Lookup finds the row of that name for this platform.
func Lookup(name string) (Artifact, error) {
	for _, a := range Manifest {
		if a.Name == name && a.here() {
			return a, nil
		}
	}
	return Artifact{}, fmt.Errorf("models: nothing named %q for %s in the manifest", name, runtime.GOARCH)
}

// here reports whether the row is meant for this platform.
func (a Artifact) here() bool { return a.Arch == "" || a.Arch == runtime.GOARCH }

// Dir is the models folder: $BONAFIDE_MODELS, else models/data in the working
// directory or the nearest folder above it that has one, else "models/data".
func Dir() string {
	if dir := os.Getenv("BONAFIDE_MODELS"); dir != "" {
		return dir
	}
	at, err := os.Getwd()
	for err == nil {
		dir := filepath.Join(at, "models", "data")
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		up := filepath.Dir(at)
		if up == at {
			break
		}
		at = up
	}
	return filepath.Join("models", "data")
}
