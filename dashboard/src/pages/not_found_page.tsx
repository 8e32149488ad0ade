// An address that means nothing here.
import type {JSX} from 'preact';
import {links} from '../ui/address';
import {Notice} from '../ui/notice';
import {Shell} from '../ui/shell';

export function NotFoundPage(): JSX.Element {
  return (
    <Shell crumbs={[{text: 'Not found'}]}>
      <div class="page">
        <h1 class="visually-hidden">Not found</h1>
        <Notice icon="question" title="There is no such page"><a href={links.experiments}>All experiments</a></Notice>
      </div>
    </Shell>
  );
}
