package evidence

import "slices"

// knownKinds are all kinds of entries that this version writes or has written.
var knownKinds = []EntryKind{
	EntryInterviewCreated, EntryInterviewUpdated, EntryInterviewStarted, EntryInterviewEnded,
	EntryInterviewDecided, EntryInterviewCancelled, EntryLinkCreated, EntryLinkRevoked, EntryParticipantJoined,
	EntryParticipantWaiting, EntryParticipantAdmit, EntryParticipantLeft, EntryConsent,
	EntryTrackPublished, EntryTrackEnded, EntryTrackMute, EntryDeviceChanged,
	EntryRecordingStarted, EntryRecordingSegment, EntryRecordingRepaired, EntryRecordingFailed,
	EntryMediaGap, EntryAnalysisStarted, EntryAnalysisOutage, EntryAnalysisFinished,
	EntryFinding, EntryCoverage, EntryAnnotation, EntryQuestion,
	EntryReview, EntryDiskLow, EntryServerStarted, EntryServerDraining,
	EntryUserCreated, EntryUserChanged, EntrySignIn, EntrySealed,
	EntryExport, EntryKeyRotated, EntryMasterKeyReplaced, EntryError,
	EntrySeries, EntryFact, EntryEnrolled, EntryCompared,
	EntryRetake, EntryStepChecked, EntryStepStarted, EntryStepEnded,
	EntryStepVerdict, EntryCardsDrawn, EntryCardsDeviation, EntryTemplateChanged,
	EntryAccessViewed, EntryAccessPlayed, EntryAccessRefused, EntryAccessListed,
	EntryVerified, EntryAnswer, EntryPartDeleted, EntryHoldPlaced,
	EntryHoldReleased, EntryDeletionRequested, EntryDeletionFulfilled, EntryDeletionRefused,
	EntryPolicyChanged, EntryStoragePlain, EntryStorageSealed, EntryPictureKept,
	EntryTemplateKept, EntryMatchesLooked, EntryMatchesVerdict,
}

// KnownEntry tells whether this version knows a kind of entry. One that it does
// not know was written by a newer version: it stands in the log and is proven
// like any other, but what it says of files cannot be read.
func KnownEntry(k EntryKind) bool { return slices.Contains(knownKinds, k) }
