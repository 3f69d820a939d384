exten => 603,1,NoOp(included by a name without .conf)
#include phones/b.conf
