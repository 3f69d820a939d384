-- Whether the server takes what is written; it is gone after a minute.
function STEPS.probe()
  call('SET', SITE .. 'alive', '1', 'EX', 60)
  return 1
end

-- What was sent so long ago was given up by whoever asked: to take a slot now would be to take it for
-- a call that has been told otherwise, and released. What gives back comes never too late, and what
-- ends a sign-in neither: at worst it ends one that was opened since.
local LATE_S = 2
local GIVES_BACK = { release = true, succeed = true, end_sign_ins = true }

local time = call('TIME')
local sent = tonumber(ARGV[2])
if sent and not GIVES_BACK[ARGV[1]] and time[1] + time[2] / 1e6 - sent > LATE_S then
  return { false, time[1], time[2], 1 }
end
return { STEPS[ARGV[1]](unpack(ARGV, 3)), time[1], time[2], 0 }
