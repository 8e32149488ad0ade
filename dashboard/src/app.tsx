// Which page an address shows. Without a session every address shows the login page and keeps its place.
import type {JSX} from 'preact';
import {LocationProvider, Route, Router} from 'preact-iso';
import {session} from './api/session';
import {ExperimentPage} from './pages/experiment_page';
import {ExperimentsPage} from './pages/experiments_page';
import {LoginPage} from './pages/login_page';
import {NotFoundPage} from './pages/not_found_page';
import {TrialPage} from './pages/trial_page';
import {Skeleton} from './ui/notice';

export function App(): JSX.Element {
  const state = session.value.state;
  if (state === 'unknown') return <main class="page"><Skeleton rows={6} /></main>;
  if (state !== 'in') return <LoginPage />;
  return (
    <LocationProvider>
      <Router onRouteChange={on_route_change}>
        <Route path="/" component={ExperimentsPage} />
        <Route path="/experiments/:ns/:name/trials/:trial" component={TrialPage} />
        <Route path="/experiments/:ns/:name/:tab?" component={ExperimentPage} />
        <Route default component={NotFoundPage} />
      </Router>
    </LocationProvider>
  );
}

let last_path = location.pathname;

/** A new page begins at its top; a changed filter on the same page moves nothing. */
function on_route_change(url: string): void {
  const path = new URL(url, location.origin).pathname;
  const is_same_object = path.split('/').slice(0, 4).join('/') === last_path.split('/').slice(0, 4).join('/')
    && (path.split('/').length < 6) === (last_path.split('/').length < 6);
  last_path = path;
  if (is_same_object) return;
  scrollTo(0, 0);
  // Whoever reads with a screen reader or the keyboard begins the new page at its beginning, too.
  requestAnimationFrame(() => document.getElementById('main')?.focus({preventScroll: true}));
}
