// The connector as a program of its own, for tests that kill it or its broker.
import { parseArgs } from 'node:util';
import { connect } from '../../broker/cli/connect.ts';

const { values } = parseArgs({ options: { client: { type: 'string' }, server: { type: 'string' }, home: { type: 'string' } } });
process.exit(await connect({ client: values.client ?? '', server: values.server, home: values.home ?? '' }));
