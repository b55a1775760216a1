// What bringing in, installing and undoing need of the broker: its operations, over the socket or from within.
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract.ts';
import type { GatehouseError } from '../../shared/errors.ts';

export interface BrokerLink {
  readonly api: ContractRouterClient<Contract>;
  /** Home folder of the broker, absolute. */
  readonly home: string;
  /** What a failed operation means to a person. */
  told(thrown: unknown): GatehouseError;
}
