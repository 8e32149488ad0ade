// uPlot with its style sheet, imported lazily by the live curves.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export default uPlot;
export type {Options} from 'uplot';
