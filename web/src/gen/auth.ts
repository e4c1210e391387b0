// Generated from the Go package auth by server/tsgen; do not edit.

/** Role is what an account is for. An account may have several. */
export type Role = "interviewer" | "reviewer" | "auditor" | "admin";

/** Permission is one thing that a route or a page may require. */
export type Permission = "interview.create" | "interview.cancel" | "interview.host" | "interview.read_own" | "interview.read_all" | "finding.review" | "log.read" | "user.manage" | "template.edit" | "access.read" | "record.search" | "record.verify" | "retention.manage" | "interview.decide" | "record.export" | "gallery.search" | "picture.add" | "gallery.judge";

export const Interviewer: Role = "interviewer";
export const Reviewer: Role = "reviewer";
export const Auditor: Role = "auditor";
export const Admin: Role = "admin";
export const CreateInterview: Permission = "interview.create";
export const CancelInterview: Permission = "interview.cancel";
export const HostInterview: Permission = "interview.host";
export const ReadOwn: Permission = "interview.read_own";
export const ReadAll: Permission = "interview.read_all";
export const ReviewFindings: Permission = "finding.review";
export const ReadLog: Permission = "log.read";
export const ManageUsers: Permission = "user.manage";
export const EditTemplates: Permission = "template.edit";
export const ReadAccess: Permission = "access.read";
export const SearchRecords: Permission = "record.search";
export const VerifyRecords: Permission = "record.verify";
export const ManageRetention: Permission = "retention.manage";
export const DecideInterview: Permission = "interview.decide";
export const ExportRecord: Permission = "record.export";
export const SearchFaces: Permission = "gallery.search";
export const AddPicture: Permission = "picture.add";
export const JudgeMatches: Permission = "gallery.judge";
