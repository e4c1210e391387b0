package api

// OwnAccount answers GET /api/account.
type OwnAccount struct {
	User         User `json:"user"`
	RecoveryLeft int  `json:"recovery_left"` // recovery codes that were not used
}

// PasswordChange is POST /api/account/password.
type PasswordChange struct {
	Present  string `json:"present"`
	Password string `json:"password"`
}

// OwnPassword is POST /api/account/second and /api/account/second/remove.
type OwnPassword struct {
	Present string `json:"present"`
}

// SecondBegun answers POST /api/account/second: the only time that the secret
// is shown.
type SecondBegun struct {
	Secret string `json:"secret"` // base32, to be typed
	URI    string `json:"uri"`    // otpauth://…
	QR     string `json:"qr"`     // the same as a picture, SVG
}

// SecondConfirm is POST /api/account/second/confirm.
type SecondConfirm struct {
	Code string `json:"code"`
}

// RecoveryCodes answers it: the only time that they are shown.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}
