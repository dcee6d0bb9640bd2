// All the stories that the example estate tells, in no particular order.

import type { Stage } from '../estate/stage.ts';
import { attempts } from './attempts.ts';
import { autoRemediation } from './auto-remediation.ts';
import { cannotTell } from './cannot-tell.ts';
import { cliRdp } from './cli-rdp.ts';
import { cloudFormationBastion } from './cloudformation-bastion.ts';
import { consoleSsh } from './console-ssh.ts';
import { databasePorts } from './database-ports.ts';
import { dockerThenFtp } from './docker-then-ftp.ts';
import { egressOnly } from './egress-only.ts';
import { groupByName } from './group-by-name.ts';
import { ipv6Only } from './ipv6-only.ts';
import { leakedKey } from './leaked-key.ts';
import { mistypedPrefix } from './mistyped-prefix.ts';
import { oddPort } from './odd-port.ts';
import { prefixListGrows } from './prefix-list-grows.ts';
import { rootVnc } from './root-vnc.ts';
import { terraformAllTraffic } from './terraform-all-traffic.ts';
import { twoHalves } from './two-halves.ts';
import { wideRange } from './wide-range.ts';

export const everyStory: readonly (() => Stage)[] = [
  attempts,
  autoRemediation,
  cannotTell,
  cliRdp,
  cloudFormationBastion,
  consoleSsh,
  databasePorts,
  dockerThenFtp,
  egressOnly,
  groupByName,
  ipv6Only,
  leakedKey,
  mistypedPrefix,
  oddPort,
  prefixListGrows,
  rootVnc,
  terraformAllTraffic,
  twoHalves,
  wideRange,
];
