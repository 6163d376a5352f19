// Package site is the portal as a browser meets it: routes, forms and pages.
//
// A handler does three things and no more: it reads the request, calls one
// concept's function, and shows a page or sends the visitor on. It returns an
// error rather than writing one; see [Site.handle]. Handlers of GET read from a
// pool that cannot write.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/document"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/templates"
	"daubang/web"
)

// Site holds what handlers share.
type Site struct {
	DB      *pgxpool.Pool // for acts
	Read    *pgxpool.Pool // the same database, refusing every write: for GET
	Lagging *pgxpool.Pool // a replica where there is one, for desk lists and exports; else Read
	Log     *slog.Logger
	Files   *document.Store  // what is attached to proposals
	Now     func() time.Time // monotonic; measures, and tells pages the time
	// Instant is the one clock that decides deadlines: the database's.
	Instant func(context.Context, pg.DB) (time.Time, error)
	BaseURL *url.URL
	Secret  []byte // signs one-time links
	// InFlight is how many bytes of forms and files on their way the requests of
	// this process may hold at once; 0: 32 MiB.
	InFlight int64
	// SavesAMinute is how often a person's pages may save what they type in this
	// process; 0: 600.
	SavesAMinute int
	Demo         bool // show the demo accounts; only ever true on loopback
	// Proxies are the networks of the proxies in front of us, as CIDR prefixes:
	// theirs alone is the word about whom they speak for. None: nobody's is.
	Proxies []string

	routes    chi.Routes // the map, once it is drawn
	printing  chan struct{}
	workbooks chan struct{}
	saves     saves
	// Accounts are whom one may sign in as in a demo; shown with Demo only.
	Accounts []templates.DemoAccount
}

// Handler returns the whole site. This is its map: every address is here, in
// groups by who may enter. What one may do once inside is the concepts' affair;
// policy.csv says what each address answers to whom, and a test holds both to it.
func (s *Site) Handler() http.Handler { //nolint:funlen // it is the map: a line an address, and nothing else
	r := chi.NewRouter()
	s.routes, s.saves = r, s.newSaves()
	s.printing, s.workbooks = make(chan struct{}, printsAtOnce), make(chan struct{}, workbooksAtOnce)
	r.Use(s.network(), s.arrive, s.recovered, s.guarded, http.NewCrossOriginProtection().Handler, s.admitted)
	r.Use(middleware.Compress(5, "text/html", "application/json")) // not CSV: it streams, and costs enough
	r.NotFound(s.handle(s.nowhere))
	r.MethodNotAllowed(s.handle(s.nowhere))
	r.Get("/healthz", s.handle(s.healthz))
	r.Get("/readyz", s.handle(s.readyz))
	r.Get("/sw.js", web.Worker)
	r.Get("/manifest.webmanifest", s.handle(s.manifest))
	r.Get("/offline", s.handle(s.offline))
	r.Get("/static/*", web.Handler().ServeHTTP)
	r.Head("/static/*", web.Handler().ServeHTTP)

	r.Group(func(r chi.Router) { // anybody
		r.Use(s.enter)
		r.Post("/language", s.handle(s.setLanguage))
		r.Get("/", s.handle(s.start))
		r.Get("/calls", s.handle(s.calls))
		r.Get("/calls/{call}", s.handle(s.showCall))
		r.Get("/calls/{call}/form", s.handle(s.showCallForm))
		r.Get("/calls/{call}/eligibility", s.handle(s.showEligibility))
		r.Post("/calls/{call}/eligibility", s.handle(s.answerEligibility))
		r.Get("/places", s.handle(s.suggestPlaces))
		r.Get("/calls/{call}/questions", s.handle(s.callQuestions))
		r.Get("/programmes", s.handle(s.programmes))
		r.Get("/programmes/{programme}", s.handle(s.showProgramme))
		r.Get("/sign-in", s.handle(s.askSignIn))
		r.Post("/sign-in", s.handle(s.signIn))
		r.Post("/sign-out", s.handle(s.signOut))
		r.Get("/register", s.handle(s.askRegistration))
		r.Post("/register", s.handle(s.register))
		r.Get("/register/sent", s.handle(s.registrationSent))
		r.Get("/verify/{token}", s.handle(s.askVerify))
		r.Post("/verify/{token}", s.handle(s.verify))
		r.Get("/forgot", s.handle(s.askForgot))
		r.Post("/forgot", s.handle(s.forgot))
		r.Get("/forgot/sent", s.handle(s.forgotSent))
		r.Get("/reset/{token}", s.handle(s.askReset))
		r.Post("/reset/{token}", s.handle(s.reset))
		r.Get("/invitations/{token}", s.handle(s.invitation))
		r.Get("/co-applications/{token}", s.handle(s.coOffer))
	})

	r.Group(func(r chi.Router) { // who has signed in
		r.Use(s.enter, s.signedIn)
		r.Get("/kept/{kept}", s.handle(s.showKept))
		r.Get("/account", s.handle(s.account))
		r.Post("/account", s.handle(s.saveAccount))
		r.Post("/account/password", s.handle(s.changePassword))
		r.Post("/account/machine", s.handle(s.setShared))
		r.Post("/account/sessions/end", s.handle(s.endOtherSessions))
		r.Post("/account/sessions/{session}/end", s.handle(s.endSession))
		r.Get("/organisations", s.handle(s.organisations))
		r.Get("/organisations/new", s.handle(s.askOrganisation))
		r.Post("/organisations/new", s.handle(s.createOrganisation))
		r.Get("/organisations/{organisation}", s.handle(s.showOrganisation))
		r.Get("/organisations/{organisation}/edit", s.handle(s.editOrganisation))
		r.Post("/organisations/{organisation}/edit", s.handle(s.saveOrganisation))
		r.Get("/organisations/{organisation}/passport", s.handle(s.showPassport))
		r.Get("/organisations/{organisation}/passport/papers", s.handle(s.askPaper(false)))
		r.Post("/organisations/{organisation}/passport/papers", s.handle(s.savePaper(false)))
		r.Get("/organisations/{organisation}/passport/papers/{paper}", s.handle(s.askPaper(true)))
		r.Post("/organisations/{organisation}/passport/papers/{paper}", s.handle(s.savePaper(true)))
		r.Post("/organisations/{organisation}/passport/papers/{paper}/remove", s.handle(s.removePaper))
		r.Post("/organisations/{organisation}/passport/papers/{paper}/documents", s.handle(s.attachScan))
		r.Post("/organisations/{organisation}/passport/papers/{paper}/documents/remove", s.handle(s.removeScan))
		r.Get("/organisations/{organisation}/passport/papers/{paper}/documents/{document}", s.handle(s.downloadScan))
		r.Get("/organisations/{organisation}/passport/details", s.handle(s.askPassportDetails))
		r.Post("/organisations/{organisation}/passport/details", s.handle(s.savePassportDetails))
		r.Get("/organisations/{organisation}/members", s.handle(s.members))
		r.Post("/organisations/{organisation}/members/{person}", s.handle(s.setMemberRole))
		r.Get("/organisations/{organisation}/members/{person}/remove", s.handle(s.askRemoveMember))
		r.Post("/organisations/{organisation}/members/{person}/remove", s.handle(s.removeMember))
		r.Get("/organisations/{organisation}/invitations", s.handle(s.askInvitation))
		r.Post("/organisations/{organisation}/invitations", s.handle(s.invite))
		r.Post("/organisations/{organisation}/invitations/{invitation}/revoke", s.handle(s.revokeInvitation))
		r.Post("/invitations/{token}", s.handle(s.acceptInvitation))
		r.Post("/invitations/{token}/refuse", s.handle(s.refuseInvitation))
		r.Post("/calls/{call}/questions", s.handle(s.askQuestion))
		r.Get("/calls/{call}/start", s.handle(s.askStart))
		r.Post("/calls/{call}/proposals", s.handle(s.startProposal))
		r.Get("/proposals", s.handle(s.proposals))
		r.Get("/proposals/{proposal}.pdf", s.handle(s.printProposal))
		r.Get("/proposals/{proposal}", s.handle(s.showProposal))
		r.Get("/proposals/{proposal}/sections/{section}", s.handle(s.showSection))
		r.Post("/proposals/{proposal}/sections/{section}", s.handle(s.saveSection))
		r.Get("/proposals/{proposal}/sections/{section}/tables/{question}.xlsx", s.handle(s.downloadTable))
		r.Get("/proposals/{proposal}/sections/{section}/tables/{question}/import", s.handle(s.askTable))
		r.Post("/proposals/{proposal}/sections/{section}/tables/{question}/import", s.handle(s.importTable))
		r.Get("/proposals/{proposal}/sections/{section}/assign", s.handle(s.askAssign))
		r.Post("/proposals/{proposal}/sections/{section}/assign", s.handle(s.assignSection))
		r.Post("/proposals/{proposal}/sections/{section}/unassign", s.handle(s.unassignSection))
		r.Post("/proposals/{proposal}/sections/{section}/presence", s.handle(s.beHere))
		r.Get("/proposals/{proposal}/co-applicants", s.handle(s.coApplicants))
		r.Post("/proposals/{proposal}/co-applicants", s.handle(s.inviteCoApplicant))
		r.Post("/proposals/{proposal}/co-applicants/{part}/remove", s.handle(s.removeCoApplicant))
		r.Post("/co-applications/{token}", s.handle(s.confirmCoApplicant))
		r.Post("/co-applications/{token}/refuse", s.handle(s.refuseCoApplicant))
		r.Get("/proposals/{proposal}/clone", s.handle(s.askClone))
		r.Post("/proposals/{proposal}/clone", s.handle(s.cloneProposal))
		r.Get("/proposals/{proposal}/source", s.handle(s.showSource))
		r.Post("/proposals/{proposal}/source", s.handle(s.dismissSource))
		r.Get("/proposals/{proposal}/responsible", s.handle(s.askHandOver))
		r.Post("/proposals/{proposal}/responsible", s.handle(s.handOver))
		r.Put("/proposals/{proposal}/sections/{section}", s.handle(s.autosave))
		r.Get("/proposals/{proposal}/sections/{section}/versions", s.handle(s.showVersions))
		r.Get("/proposals/{proposal}/documents", s.handle(s.showDocuments))
		r.Post("/proposals/{proposal}/documents", s.handle(s.attachDocument))
		r.Post("/proposals/{proposal}/documents/remove", s.handle(s.removeDocument))
		r.Get("/proposals/{proposal}/documents/{document}", s.handle(s.download))
		r.Post("/proposals/{proposal}/uploads", s.handle(s.beginUpload))
		r.Head("/proposals/{proposal}/uploads/{upload}", s.handle(s.askUpload))
		r.Patch("/proposals/{proposal}/uploads/{upload}", s.handle(s.continueUpload))
		r.Delete("/proposals/{proposal}/uploads/{upload}", s.handle(s.dropUpload))
		r.Get("/proposals/{proposal}/check", s.handle(s.checkProposal))
		r.Post("/proposals/{proposal}/submit", s.handle(s.submitProposal))
		r.Post("/proposals/{proposal}/reopen", s.handle(s.reopenProposal))
		r.Get("/proposals/{proposal}/receipt", s.handle(s.showReceipt))
		r.Get("/proposals/{proposal}/compare", s.handle(s.compareProposal))
		r.Get("/proposals/{proposal}/history", s.handle(s.showHistory))
		r.Get("/proposals/{proposal}/form-changes", s.handle(s.showFormChanges))
		r.Post("/proposals/{proposal}/form-changes", s.handle(s.dismissFormChange))
		r.Get("/proposals/{proposal}/messages", s.handle(s.showMessages))
		r.Post("/proposals/{proposal}/messages", s.handle(s.sendMessage))
		r.Post("/proposals/{proposal}/messages/read", s.handle(s.readMessages))
		r.Post("/proposals/{proposal}/messages/settled", s.handle(s.settleMessages))
		r.Get("/proposals/{proposal}/withdraw", s.handle(s.askWithdraw))
		r.Post("/proposals/{proposal}/withdraw", s.handle(s.withdrawProposal))
		r.Get("/proposals/{proposal}/discard", s.handle(s.askDiscard))
		r.Post("/proposals/{proposal}/discard", s.handle(s.discardProposal))
		r.Get("/reviews", s.handle(s.reviews))
		r.Get("/reviews/{assignment}", s.handle(s.showReview))
		r.Post("/reviews/{assignment}/accept", s.handle(s.acceptReview))
		r.Get("/reviews/{assignment}/decline", s.handle(s.askDecline))
		r.Post("/reviews/{assignment}/decline", s.handle(s.declineReview))
		r.Get("/reviews/{assignment}/conflict", s.handle(s.askConflict))
		r.Post("/reviews/{assignment}/conflict", s.handle(s.declareConflict))
		r.Post("/reviews/{assignment}/sheet", s.handle(s.saveSheet))
		r.Post("/reviews/{assignment}/send", s.handle(s.sendSheet))
	})

	r.Group(func(r chi.Router) { // the programme's office, and who audits or administers
		r.Use(s.enter, s.signedIn, s.only(people.Officer, people.Auditor, people.Admin))
		r.Get("/desk/people", s.handle(s.people))
		r.Get("/desk/people/{person}", s.handle(s.person))
		r.Post("/desk/people/{person}/roles", s.handle(s.grantRole))
		r.Post("/desk/people/{person}/roles/{grant}/revoke", s.handle(s.revokeRole))
		r.Post("/desk/people/{person}/disable", s.handle(s.disablePerson))
		r.Post("/desk/people/{person}/enable", s.handle(s.enablePerson))
		r.Get("/desk/letters", s.handle(s.letters))
		r.Get("/desk/letters/send", s.handle(s.askResend))
		r.Post("/desk/letters/send", s.handle(s.resendLetters))
		r.Get("/desk/letters/{letter}", s.handle(s.showLetter))
		r.Post("/desk/letters/{letter}/send", s.handle(s.resendLetter))
	})

	r.Group(func(r chi.Router) { // the programme's office, and who audits it
		r.Use(s.enter, s.signedIn, s.only(people.Officer, people.Auditor))
		r.Get("/desk/organisations", s.handle(s.deskOrganisations))
		r.Get("/desk/organisations/{organisation}", s.handle(s.deskOrganisation))
		r.Post("/desk/organisations/{organisation}/checks", s.handle(s.checkPassport))
		r.Post("/desk/organisations/{organisation}/account", s.handle(s.seeAccount))
		r.Get("/desk/programmes", s.handle(s.deskProgrammes))
		r.Get("/desk/programmes/new", s.handle(s.newProgramme))
		r.Post("/desk/programmes/new", s.handle(s.createProgramme))
		r.Get("/desk/programmes/{programme}", s.handle(s.editProgramme))
		r.Post("/desk/programmes/{programme}", s.handle(s.saveProgramme))
		r.Post("/desk/programmes/{programme}/publish", s.handle(s.publishProgramme))
		r.Get("/desk/proposals", s.handle(s.listDeskProposals))
		r.Get("/desk/proposals.csv", s.handle(s.exportDeskProposals))
		r.Get("/desk/proposals/{proposal}", s.handle(s.deskProposal))
		r.Post("/desk/proposals/{proposal}/account", s.handle(s.seeSentAccount))
		r.Post("/desk/proposals/{proposal}/accept", s.handle(s.move(proposal.Accept, "officer.said_accepted")))
		r.Get("/desk/proposals/{proposal}/refuse", s.handle(s.askRefuse))
		r.Post("/desk/proposals/{proposal}/refuse", s.handle(s.refuseProposal))
		r.Get("/desk/proposals/{proposal}/return", s.handle(s.askReturn))
		r.Post("/desk/proposals/{proposal}/return", s.handle(s.returnProposal))
		r.Get("/desk/proposals/{proposal}/extend", s.handle(s.askExtendReturn))
		r.Post("/desk/proposals/{proposal}/extend", s.handle(s.extendReturn))
		r.Post("/desk/proposals/{proposal}/open-review", s.handle(s.move(proposal.OpenReview, "officer.said_opened")))
		r.Get("/desk/proposals/{proposal}/reviewers", s.handle(s.deskReviewers))
		r.Post("/desk/proposals/{proposal}/reviewers", s.handle(s.assignReviewer))
		r.Get("/desk/proposals/{proposal}/reviewers/{assignment}", s.handle(s.deskAssignment))
		r.Post("/desk/proposals/{proposal}/reviewers/{assignment}/due", s.handle(s.setReviewDue))
		r.Post("/desk/proposals/{proposal}/reviewers/{assignment}/withdraw", s.handle(s.unassignReviewer))
		r.Get("/desk/proposals/{proposal}/decision", s.handle(s.askDecision))
		r.Post("/desk/proposals/{proposal}/decision", s.handle(s.stageDecision))
		r.Post("/desk/proposals/{proposal}/decision/remove", s.handle(s.removeDecision))
		r.Get("/desk/calls/{call}/decisions", s.handle(s.deskRanking))
		r.Post("/desk/calls/{call}/decisions", s.handle(s.stageMany))
		r.Get("/desk/calls/{call}/release", s.handle(s.askRelease))
		r.Post("/desk/calls/{call}/release", s.handle(s.release))
		r.Get("/desk/calls/{call}/questions", s.handle(s.deskInquiries))
		r.Post("/desk/calls/{call}/questions", s.handle(s.setQuestionsUntil))
		r.Get("/desk/calls/{call}/questions/{inquiry}", s.handle(s.deskInquiry))
		r.Post("/desk/calls/{call}/questions/{inquiry}", s.handle(s.answerInquiry))
		r.Get("/desk/calls/{call}/extensions", s.handle(s.deskExtensions))
		r.Post("/desk/calls/{call}/extensions", s.handle(s.extend))
		r.Post("/desk/calls/{call}/extensions/{extension}/confirm", s.handle(s.confirmExtension))
		r.Post("/desk/calls/{call}/extensions/{extension}/drop", s.handle(s.dropExtension))
		r.Get("/desk", s.handle(s.today))
		r.Get("/desk/quarantine", s.handle(s.quarantine))
		r.Post("/desk/quarantine/{document}/scan", s.handle(s.scanAgain))
		r.Get("/desk/calls", s.handle(s.deskCalls))
		r.Get("/desk/calls/new", s.handle(s.newCall))
		r.Post("/desk/calls/new", s.handle(s.createCall))
		r.Get("/desk/calls/{call}", s.handle(s.deskCall))
		r.Get("/desk/calls/{call}/edit", s.handle(s.editCall))
		r.Post("/desk/calls/{call}/edit", s.handle(s.saveCall))
		r.Get("/desk/calls/{call}/eligibility", s.handle(s.deskEligibility))
		r.Post("/desk/calls/{call}/eligibility", s.handle(s.changeEligibility))
		r.Get("/desk/calls/{call}/eligibility/question", s.handle(s.askEligibilityQuestion))
		r.Post("/desk/calls/{call}/eligibility/question", s.handle(s.saveEligibilityQuestion))
		r.Get("/desk/calls/{call}/form", s.handle(s.showFormDesk))
		r.Post("/desk/calls/{call}/form", s.handle(s.changeForm))
		r.Get("/desk/calls/{call}/form.json", s.handle(s.exportForm))
		r.Get("/desk/calls/{call}/form/groups", s.handle(s.editFormGroups))
		r.Post("/desk/calls/{call}/form/groups", s.handle(s.saveFormGroups))
		r.Get("/desk/calls/{call}/form/section", s.handle(s.editFormSection))
		r.Post("/desk/calls/{call}/form/section", s.handle(s.saveFormSection))
		r.Get("/desk/calls/{call}/form/question", s.handle(s.editFormQuestion))
		r.Post("/desk/calls/{call}/form/question", s.handle(s.saveFormQuestion))
		r.Get("/desk/calls/{call}/form/preview", s.handle(s.previewForm))
		r.Get("/desk/calls/{call}/form/preview/page", s.handle(s.previewFormPage))
		r.Get("/desk/calls/{call}/form/import", s.handle(s.askImport))
		r.Post("/desk/calls/{call}/form/import", s.handle(s.importForm))
		r.Get("/desk/calls/{call}/form/use", s.handle(s.askUseForm))
		r.Post("/desk/calls/{call}/form/use", s.handle(s.useForm))
		r.Get("/desk/calls/{call}/publish", s.handle(s.confirmPublish))
		r.Post("/desk/calls/{call}/publish", s.handle(s.publishCall))
	})
	return r
}

// network finds out the network address of who asks. Where there is no proxy of
// ours, what a request says of where it comes from counts for nothing.
func (s *Site) network() func(http.Handler) http.Handler {
	if len(s.Proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(s.Proxies...)
}
