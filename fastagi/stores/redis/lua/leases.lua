-- Leases.
--
--   leases            sorted set: every lease's id, by when it ends
--   lease:ID          hash: head (JSON of what it was at first), extension, since, expires,
--                     holds (JSON, a list of [limit, key, calls, shadow]), sign_in (the name of
--                     the one that let it through, or nothing), seconds, tariff (four numbers, or
--                     nothing), terms (JSON of what else there is of budgets and never changes:
--                     longest_s, least_s, what its charges are named), budgets (JSON, see
--                     budgets.lua); these four are missing in leases of before there were budgets
--   call:CALL         set: ids of the leases of a call, whatever number and node
--   slot:LIMIT KEY    sorted set: ids of the leases that hold a slot, by when they end
--   dialled:EXTENSION hash: countries it was let through to, and since when; does not end
--
-- A slot is counted where one is asked for; there is no counter that could leak.

local function slot_key(hold)
  return SITE .. 'slot:' .. joined(hold[1], hold[2])
end

-- The lease; nil where none is live.
local function live_lease(id, now)
  local ends = call('ZSCORE', SITE .. 'leases', id)
  if not ends or tonumber(ends) <= now then
    return nil
  end
  local found = hash(SITE .. 'lease:' .. id)
  if not found.head then
    return nil
  end
  return found
end

local function told(lease)
  return {
    lease.head, lease.since, lease.expires, lease.holds, lease.seconds or '', lease.tariff or '',
    lease.terms or '', lease.budgets or '[]',
  }
end

local function drop(id, now)
  local lease = hash(SITE .. 'lease:' .. id)
  if lease.head then
    for _, hold in ipairs(unpacked(lease.holds)) do
      call('ZREM', slot_key(hold), id)
    end
    let_go(lease)
    drop_call(lease.sign_in, id, lease.expires, now)
    call('DEL', SITE .. 'lease:' .. id)
  end
  call('ZREM', SITE .. 'leases', id)
  call('SREM', SITE .. 'call:' .. id:match('^(.-)%z'), id)
end

local function taken(hold, now)
  return call('ZCOUNT', slot_key(hold), '(' .. exact(now), '+inf')
end

local function put_slots(id, holds, expires, now)
  for _, hold in ipairs(holds) do
    call('ZADD', slot_key(hold), expires, id)
    outlive(slot_key(hold), tonumber(expires) - now)
  end
end

local function put_holds(holds)
  return #holds == 0 and '[]' or packed(holds)
end

-- wanted: id, extension, country, head, since, expires, holds (JSON), sign_in, seconds, tariff, terms
-- (JSON), budgets (JSON), with how many seconds it is worth it, and notes (JSON, a list of [kind,
-- key, text, end])
local function take(wanted, now)
  local id, holds, sign_in = wanted[1], unpacked(wanted[7]), wanted[8]
  if sign_in ~= '' and not is_live(sign_in, now) then
    return { 'not-signed-in' }
  end
  local held = live_lease(id, now)
  if held and held.extension ~= wanted[2] then
    return { 'taken', told(held), 0, {}, {} }
  end
  local has, over = {}, {}
  if held then
    for _, hold in ipairs(unpacked(held.holds)) do
      has[joined(hold[1], hold[2])] = hold
    end
  end
  for place, hold in ipairs(holds) do
    local kept = has[joined(hold[1], hold[2])]
    if kept then
      holds[place] = kept
    elseif taken(hold, now) >= hold[3] then
      if not hold[4] then
        return { 'full', hold[1], hold[2], '' }
      end
      over[#over + 1] = hold[1]
    end
  end
  local charged = held and budgets_in(held) or {}
  local lacks = lacking(unpacked(wanted[12]), charged)
  local tariff = held and held.tariff or wanted[10]
  if has_money(lacks) and not has_money(charged) then
    tariff = wanted[10]
  end
  local seconds = held and seconds_of(held) or tonumber(wanted[9])
  local least_s = held and seconds or tonumber(wanted[13])
  local granted, before = room(lacks, tariff_of(tariff), least_s, seconds, now)
  if not granted then
    return { 'full', before[1], before[2], before[3] }
  end
  use(sign_in, now)
  local key = SITE .. 'lease:' .. id
  local named = unpacked(held and held.terms or wanted[11])[3]
  if held then
    for _, hold in ipairs(unpacked(held.holds)) do
      call('ZREM', slot_key(hold), id)
    end
    held.holds, held.seconds, held.tariff = put_holds(holds), whole(seconds), tariff
    put_slots(id, holds, held.expires, now)
    local crossed = charge(held, lacks, before, named, over, now)
    for _, budget in ipairs(lacks) do
      charged[#charged + 1] = budget
    end
    held.budgets = put_budgets(charged)
    call('HSET', key, 'holds', held.holds, 'seconds', held.seconds, 'tariff', tariff, 'budgets', held.budgets)
    return { 'taken', told(held), 0, over, crossed }
  end
  drop(id, now) -- an expired one may be in its place; what it was charged nobody settled, and all counts
  local lease = {
    head = wanted[4], since = wanted[5], expires = wanted[6], holds = put_holds(holds),
    seconds = whole(granted), tariff = tariff, terms = wanted[11],
  }
  if granted < seconds then
    lease.expires = exact(tonumber(lease.expires) - (seconds - granted))
  end
  local crossed = charge(lease, lacks, before, named, over, now)
  lease.budgets = put_budgets(lacks)
  call('ZADD', SITE .. 'leases', lease.expires, id)
  outlive(SITE .. 'leases', tonumber(lease.expires) - now)
  local of_call = SITE .. 'call:' .. id:match('^(.-)%z')
  call('SADD', of_call, id)
  outlive(of_call, tonumber(lease.expires) - now)
  call('HSET', key, 'head', lease.head, 'extension', wanted[2], 'since', lease.since,
    'expires', lease.expires, 'holds', lease.holds, 'sign_in', sign_in, 'seconds', lease.seconds,
    'tariff', lease.tariff, 'terms', lease.terms, 'budgets', lease.budgets)
  outlive(key, tonumber(lease.expires) - now)
  put_call(sign_in, id, lease.expires, now)
  put_slots(id, holds, lease.expires, now)
  call('HSETNX', SITE .. 'dialled:' .. wanted[2], wanted[3], exact(now))
  call('ZADD', SITE .. 'extensions', 0, wanted[2])
  for _, note in ipairs(unpacked(wanted[14])) do
    write_record(joined(note[1], note[2]), note[3], note[4], now)
  end
  return { 'taken', told(lease), 1, over, crossed }
end

function STEPS.take(now, ...)
  return take({ ... }, tonumber(now))
end

-- Let a live lease end at a moment, with all that it holds.
local function set_end(id, lease, expires, now)
  lease.expires = expires
  call('HSET', SITE .. 'lease:' .. id, 'expires', expires)
  outlive(SITE .. 'lease:' .. id, tonumber(expires) - now)
  call('ZADD', SITE .. 'leases', expires, id)
  outlive(SITE .. 'leases', tonumber(expires) - now)
  outlive(SITE .. 'call:' .. id:match('^(.-)%z'), tonumber(expires) - now)
  put_slots(id, unpacked(lease.holds), expires, now)
  put_call(lease.sign_in, id, expires, now)
end

-- The lease as it is then, if it lives.
function STEPS.extend(now, id, seconds)
  now = tonumber(now)
  local held = live_lease(id, now)
  if not held then
    return false
  end
  local had, crossed = seconds_of(held), {}
  local longest = held.terms and unpacked(held.terms)[1] or 0
  local wanted = math.min(tonumber(seconds), longest > 0 and longest or had)
  if wanted > had then
    wanted = grown(held, wanted, now)
  end
  if wanted > had then
    held.seconds = whole(wanted)
    call('HSET', SITE .. 'lease:' .. id, 'seconds', held.seconds)
    set_end(id, held, exact(tonumber(held.expires) + (wanted - had)), now)
    crossed = grow(held, now)
  end
  return { told(held), crossed }
end

-- The ids of a call's leases; of all numbers and nodes where these are empty. talked: as in `settle`.
function STEPS.release(now, calling, number, node, any_number, any_node, talked)
  now = tonumber(now)
  local ended, found = 0, {}
  if any_number == '0' and any_node == '0' then
    found = { joined(calling, number, node) }
  else
    found = call('SMEMBERS', SITE .. 'call:' .. calling)
  end
  for _, id in ipairs(found) do
    local fits = (any_number == '1' or id:match('%z(.-)%z') == number)
      and (any_node == '1' or id:match('%z.-%z(.*)$') == node)
    if fits then
      local held = live_lease(id, now)
      if held then
        ended = ended + 1
        use(held.sign_in, now)
      end
      local lease = held or hash(SITE .. 'lease:' .. id)
      if lease.head then
        settle(lease, now, talked)
      end
      drop(id, now)
    end
  end
  return ended
end

function STEPS.renew(now, id, expires)
  now = tonumber(now)
  local held = live_lease(id, now)
  if not held then
    return 0
  end
  if tonumber(expires) > tonumber(held.expires) then
    set_end(id, held, expires, now)
    move_charges(held, expires, now)
  end
  return 1
end

-- How many leases do not come after a place: an end, and the id among those that end at once. The
-- lease that stood there may be gone, and how many come before it may change: so it is no rank.
local function before(ends, id)
  local low = call('ZCOUNT', SITE .. 'leases', '-inf', '(' .. ends)
  local high = call('ZCOUNT', SITE .. 'leases', '-inf', ends)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sorts_after(call('ZRANGE', SITE .. 'leases', middle, middle)[1], id) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

-- A batch of the leases' ids by when they end; `rank` is where the first one begins.
local function batch_of_leases(from, count, rank)
  if from ~= '' then
    rank = before(from:match('^(.-)%z(.*)$'))
  end
  local flat = call('ZRANGE', SITE .. 'leases', rank, rank + count - 1, 'WITHSCORES')
  local found = {}
  for i = 1, #flat, 2 do
    found[#found + 1] = flat[i]
  end
  return found, #found == tonumber(count) and joined(flat[#flat], flat[#flat - 1])
end

-- A lease that is renewed meanwhile is found again, further on.
function STEPS.live(from, count, now)
  local ids, next_from = batch_of_leases(from, count, call('ZCOUNT', SITE .. 'leases', '-inf', now))
  local found = {}
  for _, id in ipairs(ids) do
    local lease = live_lease(id, tonumber(now))
    found[#found + 1] = lease and told(lease)
  end
  return { found, next_from }
end
