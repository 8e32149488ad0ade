// Where the dashboard starts.
import {render} from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';
import {start_session} from './api/session';
import {App} from './app';
import {start_clock} from './ui/clock';
import {start_theme} from './ui/theme';

start_theme();
start_clock();
void start_session();
const root = document.getElementById('app');
if (root) render(<App />, root);
