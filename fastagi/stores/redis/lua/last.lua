-- Whether the server takes what is written; it is gone after a minute.
function STEPS.probe()
  call('SET', SITE .. 'alive', '1', 'EX', 60)
  return 1
end

local answer = STEPS[ARGV[1]](unpack(ARGV, 2))
local time = call('TIME')
return { answer, time[1], time[2] }
