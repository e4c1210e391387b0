package audit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// The lines around the checkpoint in a receipt.
const (
	receiptBegin = "-----BEGIN CHECKPOINT-----\n"
	receiptEnd   = "-----END CHECKPOINT-----\n"
)

// Receipt is a checkpoint as a person keeps it: a text that says what it is
// for. heading is a line about what was closed.
func Receipt(heading string, c Signed) []byte {
	return fmt.Appendf(nil, `%s

Keep this file. It fixes the first %d entries of the evidence log, that of this interview among them, as they were when you got it.
Whoever checks the record of the interview later can give it to the checking program ("verify --anchor"), which then shows any
change since, even one by the holder of the log's key. It holds nothing about the interview itself.

%s%s%s`, strings.ReplaceAll(heading, "\n", " "), c.Size, receiptBegin, c.Note, receiptEnd)
}

// PeekReceipt reads what a receipt says without checking who signed it.
func PeekReceipt(text []byte) (Checkpoint, error) {
	signed, err := ReadReceipt(text)
	if err != nil {
		return Checkpoint{}, err
	}
	return parseText(string(signed))
}

// ReadReceipt returns the signed checkpoint within a receipt; a bare
// checkpoint is returned as it is. Line ends of other systems are put right.
func ReadReceipt(text []byte) ([]byte, error) {
	if len(text) > maxCheckpoint {
		return nil, fmt.Errorf("it is %d bytes long; a receipt has at most %d", len(text), maxCheckpoint)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	_, rest, ok := bytes.Cut(text, []byte(receiptBegin))
	if !ok {
		if !bytes.Contains(text, []byte("\n\n\u2014 ")) {
			return nil, errors.New("it is neither a receipt nor a signed checkpoint")
		}
		return text, nil
	}
	signed, _, ok := bytes.Cut(rest, []byte(receiptEnd))
	if !ok {
		return nil, errors.New("the receipt was cut off: the line that ends the checkpoint is missing")
	}
	return signed, nil
}
