package letter

// The letters between organisations that apply together, or might.
const (
	CoApplicantInvited  Kind = "co_applicant_invited"  // to another organisation: apply together
	CoApplicantAnswered Kind = "co_applicant_answered" // to the applicant: it has said yes or no
	CoApplicantRemoved  Kind = "co_applicant_removed"  // to the other side: a part was taken back
)

// The letters about an organisation's passport, to its heads.
const (
	PassportChecked Kind = "passport_checked" // a part of it was looked at
	PaperExpires    Kind = "paper_expires"    // a paper ends soon
	ScanInfected    Kind = "scan_infected"    // a scan of a paper holds malware
	ScanUnscannable Kind = "scan_unscannable" // a scan of a paper cannot be looked into
)

// InquiriesAsked tells a call's officers that something was asked about it.
const InquiriesAsked Kind = "inquiries_asked"
