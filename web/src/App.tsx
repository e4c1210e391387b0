import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";

import { NotFound } from "./components/NotFound";
import { Shell } from "./components/Shell";
import { PageLoading } from "./components/states";
import { RequireSignIn } from "./hooks/RequireSignIn";

const Setup = lazy(() => import("./pages/Setup"));
const SignIn = lazy(() => import("./pages/SignIn"));
const Interviews = lazy(() => import("./pages/Interviews"));
const InterviewForm = lazy(() => import("./pages/InterviewForm"));
const InterviewPage = lazy(() => import("./pages/InterviewPage"));
const Review = lazy(() => import("./pages/Review"));
const Log = lazy(() => import("./pages/Log"));
const ServerLog = lazy(() => import("./pages/Log/ServerLog"));
const Candidate = lazy(() => import("./pages/Candidate"));
const Account = lazy(() => import("./pages/Account"));
const Audit = lazy(() => import("./pages/Audit"));
const Templates = lazy(() => import("./pages/Templates"));
const Retention = lazy(() => import("./pages/Retention"));
const Users = lazy(() => import("./pages/Users"));
const Room = lazy(() => import("./pages/Room"));
const Join = lazy(() => import("./pages/Join"));

/** App maps addresses to pages. Room and Join fill the window themselves. */
export function App() {
  return (
    <Suspense fallback={<PageLoading />}>
      <Switch>
        <Route path="/setup"><Setup /></Route>
        <Route path="/sign-in"><SignIn /></Route>
        <Route path="/join"><Join /></Route>
        <Route path="/record"><Candidate /></Route>
        <Route path="/interviews/:id/room">
          {({ id }) => <RequireSignIn permission="interview.host"><Room id={id} /></RequireSignIn>}
        </Route>
        <Route>
          <RequireSignIn>
            <Shell>
              <Suspense fallback={<PageLoading />}>
                <Pages />
              </Suspense>
            </Shell>
          </RequireSignIn>
        </Route>
      </Switch>
    </Suspense>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/"><Interviews /></Route>
      <Route path="/interviews/new"><InterviewForm /></Route>
      <Route path="/interviews/:id/edit">{({ id }) => <InterviewForm id={id} />}</Route>
      <Route path="/interviews/:id/review">{({ id }) => <Review id={id} />}</Route>
      <Route path="/interviews/:id/log">{({ id }) => <Log id={id} />}</Route>
      <Route path="/interviews/:id">{({ id }) => <InterviewPage id={id} />}</Route>
      <Route path="/account"><Account /></Route>
      <Route path="/records"><Audit /></Route>
      <Route path="/log"><ServerLog /></Route>
      <Route path="/run-sheets"><Templates /></Route>
      <Route path="/run-sheets/:id">{({ id }) => <Templates id={id} />}</Route>
      <Route path="/retention"><Retention /></Route>
      <Route path="/users"><Users /></Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
