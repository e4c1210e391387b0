import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import type {
  RecordRetention, Retention,
  AccessHistory, FacesData, Matches, InterviewDetail, InterviewList, Levels, LogPage, PlaceChoice, RecordCheck, RecordList, ReviewData,
  SavedSearch, SeriesData, ServerInfo, TemplateList, User, Verification,
} from "@/gen/api";
import { get } from "./client";

/** keys names every cached answer, so that a change can drop what it made stale. */
export const keys = {
  server: ["server"] as const,
  me: ["me"] as const,
  interviews: ["interviews"] as const,
  interview: (id: string) => ["interview", id] as const,
  review: (id: string) => ["review", id] as const,
  levels: (id: string, participant: string) => ["levels", id, participant] as const,
  faces: (id: string) => ["faces", id] as const,
  matches: (id: string) => ["matches", id] as const,
  series: (id: string, query: SeriesQuery) => ["series", id, query] as const,
  account: ["account"] as const,
  records: ["records"] as const,
  searches: ["searches"] as const,
  verification: ["verification"] as const,
  check: (id: string) => ["check", id] as const,
  access: (id: string) => ["access", id] as const,
  log: (id: string) => ["log", id] as const,
  people: ["people"] as const,
  users: ["users"] as const,
  retention: ["retention"] as const,
  recordRetention: (id: string) => ["retention", id] as const,
  templates: ["templates"] as const,
  places: ["places"] as const,
};

/** PersonChoice is an account that can be chosen as an interviewer. */
export interface PersonChoice {
  id: string;
  name: string;
}

const path = encodeURIComponent;

/** SeriesQuery chooses readings over time. */
export interface SeriesQuery {
  names: readonly string[];
  run: string;
  from?: number; // ms
  to?: number;
  points?: number; // about so many at most
}

/** useSeries reads signals of an interview; none where none are named. */
export function useSeries(id: string, query: SeriesQuery) {
  const search = new URLSearchParams(query.names.map((name) => ["name", name]));
  search.set("run", query.run);
  for (const key of ["from", "to", "points"] as const) {
    if (query[key] !== undefined) search.set(key, String(query[key]));
  }
  return useQuery({
    queryKey: keys.series(id, query),
    queryFn: ({ signal }) => get<SeriesData>(`/api/interviews/${path(id)}/series?${search}`, signal),
    enabled: query.names.length > 0,
    staleTime: Infinity,
  });
}

/** useFaces reads the pictures of the comparison of faces. */
export function useFaces(id: string) {
  return useQuery({
    queryKey: keys.faces(id),
    queryFn: ({ signal }) => get<FacesData>(`/api/interviews/${path(id)}/faces`, signal),
  });
}

/** useMatches compares the candidate's face with other interviews, once somebody asked for it: each time is an entry of the log. */
export function useMatches(id: string, asked: boolean) {
  return useQuery({
    queryKey: keys.matches(id),
    queryFn: ({ signal }) => get<Matches>(`/api/interviews/${path(id)}/matches`, signal),
    enabled: asked,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** useServerInfo reads what every page may know before sign-in. */
export function useServerInfo() {
  return useQuery({
    queryKey: keys.server,
    queryFn: ({ signal }) => get<ServerInfo>("/api/server", signal),
    staleTime: 60_000,
  });
}

/** InterviewFilter is the search of the interview list. */
export interface InterviewFilter {
  state: string; // "" for every state
  q: string;
  limit: number;
  offset: number;
}

export function useInterviews(filter: InterviewFilter) {
  const query = new URLSearchParams({ limit: String(filter.limit), offset: String(filter.offset) });
  if (filter.state !== "") query.set("state", filter.state);
  if (filter.q !== "") query.set("q", filter.q);
  return useQuery({
    queryKey: [...keys.interviews, filter],
    queryFn: ({ signal }) => get<InterviewList>(`/api/interviews?${query}`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export function useInterview(id: string, enabled = true) {
  return useQuery({
    queryKey: keys.interview(id),
    queryFn: ({ signal }) => get<InterviewDetail>(`/api/interviews/${path(id)}`, signal),
    enabled,
    refetchInterval: 10_000,
  });
}

/** useReview asks again until the recordings are finished: every 1.5 s after the end, every 3 s while the call goes on. */
export function useReview(id: string) {
  return useQuery({
    queryKey: keys.review(id),
    queryFn: ({ signal }) => get<ReviewData>(`/api/interviews/${path(id)}/review`, signal),
    refetchInterval: (query) => {
      const data = query.state.data;
      if (data === undefined || data.ready) return false;
      return data.interview.state === "ended" ? 1_500 : 3_000;
    },
  });
}

export function useLevels(id: string, participant: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.levels(id, participant),
    queryFn: ({ signal }) => get<Levels>(`/api/interviews/${path(id)}/levels/${path(participant)}`, signal),
    enabled,
    staleTime: Infinity,
  });
}

/** useRecords searches all records; params are the search's and the page's. */
export function useRecords(params: string, limit: number, offset: number) {
  const query = new URLSearchParams(params);
  query.set("limit", String(limit));
  query.set("offset", String(offset));
  return useQuery({
    queryKey: [...keys.records, query.toString()],
    queryFn: ({ signal }) => get<RecordList>(`/api/records?${query}`, signal),
    placeholderData: keepPreviousData,
  });
}

/** useSearches reads the person's saved searches. */
export function useSearches() {
  return useQuery({ queryKey: keys.searches, queryFn: ({ signal }) => get<SavedSearch[]>("/api/searches", signal) });
}

/** useVerification follows the verification that runs, once a second. */
export function useVerification() {
  return useQuery({
    queryKey: keys.verification,
    queryFn: ({ signal }) => get<Verification>("/api/verification", signal),
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1_000 : 20_000),
  });
}

/** useCheck reads what the last verification found of one record. */
export function useCheck(id: string) {
  return useQuery({ queryKey: keys.check(id), queryFn: ({ signal }) => get<RecordCheck>(`/api/interviews/${path(id)}/check`, signal) });
}

/** useAccess reads who saw what of an interview. */
export function useAccess(id: string) {
  return useQuery({
    queryKey: keys.access(id),
    queryFn: ({ signal }) => get<AccessHistory>(`/api/interviews/${path(id)}/access`, signal),
    refetchInterval: 30_000,
  });
}

/** useLog reads the evidence log of an interview, or of none where id is "", a page at a time. */
export function useLog(id: string) {
  return useInfiniteQuery({
    queryKey: keys.log(id),
    queryFn: ({ signal, pageParam }) => get<LogPage>(`${id === "" ? "/api" : `/api/interviews/${path(id)}`}/log?after=${pageParam}&limit=200`, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.next > 0 ? page.next : undefined),
  });
}

/** useNewest follows the last entries of the log as it grows. */
export function useNewest(id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.log(id), "newest"],
    queryFn: ({ signal }) => get<LogPage>(`${id === "" ? "/api" : `/api/interviews/${path(id)}`}/log?newest=true&limit=200`, signal),
    enabled,
    refetchInterval: 3_000,
  });
}

export function usePeople() {
  return useQuery({ queryKey: keys.people, queryFn: ({ signal }) => get<PersonChoice[]>("/api/people", signal) });
}

export function useUsers() {
  return useQuery({ queryKey: keys.users, queryFn: ({ signal }) => get<User[]>("/api/users", signal) });
}

/** useTemplates reads the run-sheets by role. */
export function useTemplates(enabled = true) {
  return useQuery({ queryKey: keys.templates, queryFn: ({ signal }) => get<TemplateList>("/api/templates", signal), enabled });
}

/** usePlaceChoices reads the places that an interview's form offers. */
export function usePlaceChoices() {
  return useQuery({ queryKey: keys.places, queryFn: ({ signal }) => get<PlaceChoice[]>("/api/places", signal), staleTime: Infinity });
}

/** useRetention reads policies, holds, requests and what goes next. */
export function useRetention() {
  return useQuery({ queryKey: keys.retention, queryFn: ({ signal }) => get<Retention>("/api/retention", signal), refetchInterval: 60_000 });
}

/** useRecordRetention reads why each part of a record still exists. */
export function useRecordRetention(id: string) {
  return useQuery({ queryKey: keys.recordRetention(id), queryFn: ({ signal }) => get<RecordRetention>(`/api/interviews/${path(id)}/retention`, signal) });
}
