import { useQuery, useQueryClient } from "@tanstack/react-query";

import { ApiError, del, get, post } from "@/api/client";
import { keys } from "@/api/queries";
import type { Me, SetupRequest, SignInRequest } from "@/gen/api";
import type { Permission } from "@/gen/auth";

/** fetchMe reads who is signed in; null for nobody. */
async function fetchMe(signal: AbortSignal): Promise<Me | null> {
  try {
    return await get<Me>("/api/session", signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** useAuth says who is signed in and what they may do, and changes it. */
export function useAuth() {
  const cache = useQueryClient();
  const query = useQuery({ queryKey: keys.me, queryFn: ({ signal }) => fetchMe(signal), staleTime: 60_000 });
  const me = query.data ?? null;

  // A person who signs in must not see what the one before them had cached.
  const become = (who: Me | null) => {
    cache.removeQueries({ predicate: (q) => q.queryKey[0] !== keys.me[0] && q.queryKey[0] !== keys.server[0] });
    cache.setQueryData(keys.me, who);
  };
  return {
    me,
    loading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    can: (permission: Permission) => me?.permissions?.includes(permission) ?? false,
    signIn: async (credentials: SignInRequest) => become(await post<Me>("/api/session", credentials)),
    setUp: async (account: SetupRequest) => {
      const who = await post<Me>("/api/setup", account);
      become(who);
      await cache.invalidateQueries({ queryKey: keys.server });
    },
    signOut: async () => {
      await del("/api/session");
      become(null);
    },
  };
}
