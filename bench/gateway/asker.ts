/** Who asks in the benchmark: a clerk who has signed in. */
import type { Staff } from '../../kernel/principal';

export const PRINCIPAL: Staff = {
  kind: 'staff',
  sessionId: '01935f7e-0000-7000-8000-000000000001',
  staffMemberId: '01935f7e-0000-7000-8000-000000000002',
  authorityId: '01935f7e-0000-7000-8000-000000000003',
  departmentId: null,
  scopes: ['applications:read', 'applications:process'],
};
