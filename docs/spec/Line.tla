------------------------------- MODULE Line -------------------------------
(***************************************************************************)
(* The ticket line: draw, publish, park, claim, decide, release, offsets,  *)
(* and what can go wrong between them. docs/protocol.md tells the protocol *)
(* in words; docs/spec/README.md says what is checked, and which action is *)
(* which part of the code. A name in capitals below is a choice of the     *)
(* design, so that the choices that were not made can be seen to fail.     *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS
  Orders, Workers, Products,
  ProductsOf,          \* order -> its products, one piece of each
  Initially,           \* product -> pieces
  \* how often each fault may happen
  MaxCrash, MaxExpire, MaxRebal, MaxPubFail, MaxApiDie, MaxForget, MaxLeave, MaxFlush, MaxFailover, MaxAmbig, MaxZombie,
  FENCE,               \* which rows a run's fence is checked on and written to: "all" it reads | "taken" only | "none"
  FENCE_CHECK,         \* "lt": refuse unless last < fence | "le": unless last <= fence
  ORPHANS,             \* who goes as an orphan: "naive" (API dead, not parked) | "barrier" (and can't be met any more) | "off"
  LEAVING,             \* where leaving is decided: "redis" | "ledger"
  CANCELLING,          \* what an API takes out after a failed publication: "always" | "unparked" only
  OFFSETS,             \* "afterRelease" | "beforeRelease"
  REPARK,              \* the re-check lets what is missing stand in the line again
  REOWN,               \* the re-check marks as parked what is parked under another name
  HELP,                \* a claim takes what is parked by anybody
  DECLARES,            \* queues that a turn may touch: "all" | "next": all of the first order that the last turn had to leave for want of
                       \* one, and no other | "one": one queue of such orders
  LOOKS,               \* in which of its queues an order must be next: "all" | "declared"
  AHEAD,               \* a run that is claimed behind one in hand is decided: "inTurn" after it | "anyTime"; "off": there is none
  RELEASE_FIRST,       \* mutation: releases before the commit
  FENCE_HAS_EPOCH,     \* a fence of a new epoch is greater than all of the old ones
  REBUILD_FIRST,       \* after a loss of memory, nothing is claimed before every published order is parked again
  FAILOVER_HAS_EPOCH,  \* a failover raises the epoch
  WAKEUPS,             \* "periodic": who waits looks by itself | "pubsub": only when woken
  SWEEP                \* tickets of orders that the ledger has decided are taken out by anybody
VARIABLES
  \* the line's Redis: epoch (0 when its memory is gone), counters, order -> ticket in the line or 0, keeper, claim; who left
  epoch, draws, claims, line, parked, claim, leavers,
  \* the APIs: where each order is, the ticket it was published with, what its buyer was told
  api, ticket, told,
  \* Kafka: "no" | "log" | "done" (behind the committed offset), and the worker that owns the record's partition
  record, owner,
  \* the workers: orders consumed and not done, the run in hand and the one claimed behind it, whether woken, products whose queues are declared
  up, kept, run, ahead, awake, declared,
  \* the ledger; and two ghosts: orders decided after a later one, and those that a fault excuses for it
  outcome, stock, fence, lastTicket, inversions, ledgerEpoch, excused,
  \* whether the line is whole again since the last loss of memory
  rebuilt,
  faults
redisVars == <<epoch, draws, claims, line, parked, claim, leavers>>
apiVars == <<api, ticket, told>>
kafkaVars == <<record, owner>>
workerVars == <<up, kept, run, ahead, awake, declared>>
ledgerVars == <<outcome, stock, fence, lastTicket, inversions, ledgerEpoch>>
vars == <<redisVars, apiVars, kafkaVars, workerVars, ledgerVars, excused, rebuilt, faults>>

None == "none"
NoClaim == [f |-> 0, live |-> FALSE]
Idle == [st |-> "idle", os |-> {}, f |-> 0]
Faults == {"crash","expire","rebal","pubfail","apidie","forget","leave","flush","failover","ambig","zombie"}
Init ==
  /\ epoch = 1 /\ ledgerEpoch = 1 /\ draws = 0 /\ claims = 0
  /\ line = [o \in Orders |-> 0] /\ parked = [o \in Orders |-> None] /\ claim = [o \in Orders |-> NoClaim] /\ leavers = {}
  /\ api = [o \in Orders |-> "new"] /\ ticket = [o \in Orders |-> 0] /\ told = [o \in Orders |-> None]
  /\ record = [o \in Orders |-> "no"] /\ owner = [o \in Orders |-> None]
  /\ up = [w \in Workers |-> TRUE] /\ kept = [w \in Workers |-> {}] /\ run = [w \in Workers |-> Idle] /\ ahead = [w \in Workers |-> Idle]
  /\ awake = [w \in Workers |-> FALSE] /\ declared = [w \in Workers |-> {}]
  /\ outcome = [o \in Orders |-> None] /\ stock = Initially /\ fence = [p \in Products |-> 0] /\ lastTicket = [p \in Products |-> 0]
  /\ inversions = {} /\ excused = {} /\ rebuilt = TRUE
  /\ faults = [b \in Faults |-> CASE b = "crash" -> MaxCrash [] b = "expire" -> MaxExpire [] b = "rebal" -> MaxRebal
                     [] b = "pubfail" -> MaxPubFail [] b = "apidie" -> MaxApiDie [] b = "forget" -> MaxForget
                     [] b = "leave" -> MaxLeave [] b = "flush" -> MaxFlush [] b = "failover" -> MaxFailover [] b = "ambig" -> MaxAmbig [] b = "zombie" -> MaxZombie]
Spend(b) == faults[b] > 0 /\ faults' = [faults EXCEPT ![b] = @ - 1]
NoFault == UNCHANGED faults

\* ---------------- API
Draw(o) == /\ api[o] = "new" /\ epoch > 0
           /\ draws' = draws + 1
           /\ line' = [line EXCEPT ![o] = epoch * 10 + draws + 1]
           /\ ticket' = [ticket EXCEPT ![o] = epoch * 10 + draws + 1]
           /\ api' = [api EXCEPT ![o] = "drawn"]
           /\ NoFault /\ UNCHANGED <<epoch, claims, parked, claim, leavers, told, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
Publish(o) == /\ api[o] = "drawn"
              /\ api' = [api EXCEPT ![o] = "sent"] /\ record' = [record EXCEPT ![o] = "log"]
              /\ \E w \in Workers : owner' = [owner EXCEPT ![o] = w]
              /\ NoFault /\ UNCHANGED <<redisVars, ticket, told, workerVars, ledgerVars, excused, rebuilt>>
\* publish reported as failed; the record may or may not be in the log
PublishFails(o) == /\ api[o] = "drawn" /\ Spend("pubfail")
                   /\ api' = [api EXCEPT ![o] = "failing"]
                   /\ \/ UNCHANGED kafkaVars
                      \/ record' = [record EXCEPT ![o] = "log"] /\ \E w \in Workers : owner' = [owner EXCEPT ![o] = w]
                   /\ excused' = excused \cup {o}
                   /\ UNCHANGED <<redisVars, ticket, told, workerVars, ledgerVars, rebuilt>>
Cancel(o) == /\ api[o] = "failing"
             /\ api' = [api EXCEPT ![o] = "failed"]
             /\ IF CANCELLING = "always" \/ parked[o] = None
                THEN line' = [line EXCEPT ![o] = 0] /\ parked' = [parked EXCEPT ![o] = None] /\ claim' = [claim EXCEPT ![o] = NoClaim]
                ELSE UNCHANGED <<line, parked, claim>>
             /\ NoFault /\ UNCHANGED <<epoch, draws, claims, leavers, ticket, told, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
ApiDies(o) == /\ api[o] \in {"drawn","sent","failing"} /\ Spend("apidie")
              /\ api' = [api EXCEPT ![o] = "dead"]
              /\ UNCHANGED <<redisVars, ticket, told, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
\* the draw's answer was lost and the API gave up: it lives on, nobody will publish
Forget(o) == /\ api[o] = "drawn" /\ Spend("forget")
             /\ api' = [api EXCEPT ![o] = "forgot"]
             /\ UNCHANGED <<redisVars, ticket, told, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
Leave(o) == /\ api[o] \in {"sent"} /\ told[o] = None /\ faults["leave"] > 0
            /\ IF LEAVING = "redis"
               THEN /\ line[o] # 0 /\ ~claim[o].live
                    /\ line' = [line EXCEPT ![o] = 0] /\ parked' = [parked EXCEPT ![o] = None] /\ claim' = [claim EXCEPT ![o] = NoClaim]
                    /\ leavers' = leavers \cup {o} /\ told' = [told EXCEPT ![o] = "LEFT"]
                    /\ UNCHANGED <<outcome>>
               ELSE /\ outcome[o] = None
                    /\ outcome' = [outcome EXCEPT ![o] = "CANCELLED"]
                    /\ told' = [told EXCEPT ![o] = "LEFT"]
                    /\ UNCHANGED <<line, parked, claim, leavers>>
            /\ Spend("leave")
            /\ UNCHANGED <<epoch, draws, claims, api, ticket, kafkaVars, workerVars, stock, fence, lastTicket, inversions, ledgerEpoch, excused, rebuilt>>

Orphan(o) ==
  /\ line[o] # 0 /\ parked[o] = None
  /\ CASE ORPHANS = "naive" -> api[o] = "dead"
       [] ORPHANS = "barrier" -> record[o] # "log" /\ api[o] \in {"dead","forgot","failed","sent"}
       [] OTHER -> FALSE
  /\ line' = [line EXCEPT ![o] = 0] /\ claim' = [claim EXCEPT ![o] = NoClaim]
  /\ NoFault /\ UNCHANGED <<epoch, draws, claims, parked, leavers, apiVars, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
\* a paused API publishes after the bound: its ticket may already be gone
Zombie(o) == /\ ORPHANS = "barrier" /\ api[o] = "drawn" /\ line[o] # 0 /\ Spend("zombie")
             /\ line' = [line EXCEPT ![o] = 0] /\ excused' = excused \cup {o}
             /\ UNCHANGED <<epoch, draws, claims, parked, claim, leavers, apiVars, kafkaVars, workerVars, ledgerVars, rebuilt>>

\* ---------------- worker
InHand(w) == run[w].os \cup ahead[w].os
Deliver(w, o) == /\ up[w] /\ record[o] = "log" /\ owner[o] = w /\ o \notin kept[w] /\ epoch > 0
                 /\ run[w].st \in {"idle","claimed"}
                 /\ IF o \in leavers
                    THEN record' = [record EXCEPT ![o] = "done"] /\ UNCHANGED <<kept, line, parked, awake>>
                    ELSE /\ kept' = [kept EXCEPT ![w] = @ \cup {o}]
                         /\ line' = [line EXCEPT ![o] = IF @ = 0 THEN ticket[o] ELSE @]
                         /\ parked' = [parked EXCEPT ![o] = w]
                         /\ awake' = (IF WAKEUPS = "periodic" THEN awake ELSE [awake EXCEPT ![w] = TRUE])
                         /\ UNCHANGED record
                 /\ NoFault /\ UNCHANGED <<epoch, draws, claims, claim, leavers, apiVars, owner, up, declared, run, ahead, ledgerVars, excused, rebuilt>>
Repark(w, o) == /\ REPARK /\ up[w] /\ outcome[o] = None /\ o \in kept[w] /\ o \notin InHand(w) /\ epoch > 0
                /\ (line[o] = 0 \/ parked[o] = None \/ (REOWN /\ parked[o] # w)) /\ owner[o] = w
                /\ IF o \in leavers THEN kept' = [kept EXCEPT ![w] = @ \ {o}] /\ record' = [record EXCEPT ![o] = "done"] /\ UNCHANGED <<line, parked, awake>>
                   ELSE /\ line' = [line EXCEPT ![o] = IF @ = 0 THEN ticket[o] ELSE @]
                        /\ parked' = [parked EXCEPT ![o] = w] /\ awake' = (IF WAKEUPS = "periodic" THEN awake ELSE [awake EXCEPT ![w] = TRUE]) /\ UNCHANGED <<kept, record>>
                /\ NoFault /\ UNCHANGED <<epoch, draws, claims, claim, leavers, apiVars, owner, up, declared, run, ahead, ledgerVars, excused, rebuilt>>
InLine == {o \in Orders : line[o] # 0}
Declared(w) == IF DECLARES = "all" THEN Products ELSE declared[w]
LookedAt(w) == IF LOOKS = "all" THEN Products ELSE Declared(w)
Before(o, P) == {q \in InLine : line[q] < line[o] /\ ProductsOf[q] \cap ProductsOf[o] \cap P # {}}
RECURSIVE AllBefore(_, _)
AllBefore(o, P) == Before(o, P) \cup UNION {AllBefore(q, P) : q \in Before(o, P)}
\* what the worker's run in hand holds still: what it claims behind that may share products with it
Own(w) == {o \in InLine : claim[o].live /\ claim[o].f = run[w].f}
HeldProducts(w) == UNION {ProductsOf[q] : q \in {x \in InLine \ Own(w) : claim[x].live}}
Candidates(w) == {o \in InLine \ Own(w) : /\ IF HELP THEN parked[o] # None ELSE (parked[o] = w /\ o \in kept[w])
                                          /\ ProductsOf[o] \cap HeldProducts(w) = {}}
Lacks(w, o) == IF LOOKS = "all" THEN ~(ProductsOf[o] \subseteq Declared(w)) ELSE ProductsOf[o] \cap Declared(w) = {}
Claimable(w) == LET C == {o \in Candidates(w) : ~Lacks(w, o)} IN {o \in C : AllBefore(o, LookedAt(w)) \subseteq C \cup Own(w)}
\* what the next turn declares, if this one takes T: of those that are first in a queue, of the first one that it had to leave
Left(w, T) == LET taken == T \cup Own(w) IN
              {o \in InLine \ taken : parked[o] # None /\ Lacks(w, o) /\ \E p \in ProductsOf[o] : Before(o, {p}) \subseteq taken}
NextDeclared(w, T) == LET S == Left(w, T) IN
                      IF DECLARES = "all" \/ S = {} THEN {}
                      ELSE IF DECLARES = "next" THEN ProductsOf[CHOOSE o \in S : \A q \in S : line[o] <= line[q]]
                      ELSE {CHOOSE p \in UNION {ProductsOf[o] : o \in S} : TRUE}
Rebuilt == REBUILD_FIRST => \A o \in Orders : (record[o] = "log") => (owner[o] # None /\ o \in kept[owner[o]] /\ up[owner[o]] /\ line[o] # 0)
MayTurn(w) == /\ up[w] /\ ahead[w].st = "idle" /\ epoch > 0
              /\ run[w].st = "idle" \/ (AHEAD # "off" /\ run[w].st \in {"claimed","committed","released"})
              /\ rebuilt \/ Rebuilt
\* a turn that claims nothing, and finds out which queues the next one should declare
Ask(w) == /\ MayTurn(w) /\ Claimable(w) = {} /\ NextDeclared(w, {}) # declared[w]
          /\ declared' = [declared EXCEPT ![w] = NextDeclared(w, {})]
          /\ NoFault /\ UNCHANGED <<redisVars, apiVars, kafkaVars, up, kept, run, ahead, awake, ledgerVars, excused, rebuilt>>
Claim(w) ==
  /\ MayTurn(w) /\ rebuilt' = TRUE
  /\ WAKEUPS = "pubsub" => awake[w]
  /\ LET S == Claimable(w) IN
     /\ S # {}
     /\ \E T \in SUBSET S :
          /\ T # {} /\ \A o \in T : AllBefore(o, LookedAt(w)) \subseteq T \cup Own(w)
          /\ declared' = [declared EXCEPT ![w] = NextDeclared(w, T)]
          /\ claims' = claims + 1
          /\ LET F == IF FENCE_HAS_EPOCH THEN epoch * 10 + claims + 1 ELSE claims + 1
                 claimed == [st |-> IF RELEASE_FIRST THEN "relfirst" ELSE "claimed", os |-> T, f |-> F]
             IN
             /\ claim' = [o \in Orders |-> IF o \in T THEN [f |-> F, live |-> TRUE] ELSE claim[o]]
             /\ IF run[w].st = "idle" THEN run' = [run EXCEPT ![w] = claimed] /\ UNCHANGED ahead
                ELSE ahead' = [ahead EXCEPT ![w] = claimed] /\ UNCHANGED run
  /\ awake' = [awake EXCEPT ![w] = FALSE]
  /\ NoFault /\ UNCHANGED <<epoch, draws, line, parked, leavers, apiVars, kafkaVars, up, kept, ledgerVars, excused>>
\* a wakeup that found nothing to claim is consumed
WakeNoop(w) == /\ WAKEUPS = "pubsub" /\ up[w] /\ awake[w] /\ run[w].st = "idle" /\ Claimable(w) = {}
               /\ awake' = [awake EXCEPT ![w] = FALSE]
               /\ NoFault /\ UNCHANGED <<redisVars, apiVars, kafkaVars, up, declared, kept, run, ahead, ledgerVars, excused, rebuilt>>
HolderGone(o) == ~\E w \in Workers : up[w] /\ o \in InHand(w) /\ claim[o].f \in {run[w].f, ahead[w].f}
Expire(o) == /\ claim[o].live
             /\ IF HolderGone(o) THEN NoFault ELSE Spend("expire")
             /\ LET F == claim[o].f IN claim' = [q \in Orders |-> IF claim[q].f = F THEN [claim[q] EXCEPT !.live = FALSE] ELSE claim[q]]
             /\ awake' = awake
             /\ UNCHANGED <<epoch, draws, claims, line, parked, leavers, apiVars, kafkaVars, up, declared, kept, run, ahead, ledgerVars, excused, rebuilt>>
\* deciding: order by order, in ticket order
First(S) == CHOOSE o \in S : \A q \in S : ticket[o] <= ticket[q]
RECURSIVE Decide(_, _, _)
Decide(S, d, q) == IF S = {} THEN <<d, q>>
  ELSE LET o == First(S) IN
       IF d[o] # None THEN Decide(S \ {o}, d, q)
       ELSE IF \A p \in ProductsOf[o] : q[p] > 0
            THEN Decide(S \ {o}, [d EXCEPT ![o] = "FULFILLED"], [p \in Products |-> IF p \in ProductsOf[o] THEN q[p] - 1 ELSE q[p]])
            ELSE Decide(S \ {o}, [d EXCEPT ![o] = "REFUSED"], q)
RunProducts(S) == UNION {ProductsOf[o] : o \in S}
Newer(f, lastFence) == CASE FENCE_CHECK = "lt" -> lastFence < f [] OTHER -> lastFence <= f
GiveBack(fs) == claim' = [o \in Orders |-> IF claim[o].f \in fs THEN NoClaim ELSE claim[o]]
Commit(w) ==
  /\ up[w]
  /\ \E behind \in BOOLEAN :
     /\ IF behind THEN /\ ahead[w].st = "claimed"
                       /\ run[w].st \in (IF AHEAD = "anyTime" THEN {"claimed","committed","released"} ELSE {"committed","released"})
        ELSE run[w].st \in {"claimed","relcommit"}
     /\ LET now == IF behind THEN ahead[w] ELSE run[w]
            S == now.os  F == now.f  r == Decide(S, outcome, stock)
            new == {o \in S : outcome[o] = None}
            rows == CASE FENCE = "all" -> RunProducts(S) [] FENCE = "taken" -> {p \in Products : r[2][p] # stock[p]} [] OTHER -> {}
        IN IF \A p \in rows : Newer(F, fence[p])
           THEN /\ outcome' = r[1] /\ stock' = r[2]
                /\ fence' = [p \in Products |-> IF p \in rows THEN F ELSE fence[p]]
                /\ lastTicket' = [p \in Products |-> LET m == {ticket[o] : o \in {x \in new : p \in ProductsOf[x]}} \cup {lastTicket[p]} IN CHOOSE x \in m : \A y \in m : y <= x]
                /\ inversions' = inversions \cup {o \in new : \E p \in ProductsOf[o] : lastTicket[p] > ticket[o]}
                /\ \/ /\ IF behind THEN ahead' = [ahead EXCEPT ![w].st = "committed"] /\ UNCHANGED run
                         ELSE run' = [run EXCEPT ![w].st = IF @ = "relcommit" THEN "released" ELSE "committed"] /\ UNCHANGED ahead
                      /\ NoFault
                   \/ now.st = "claimed" /\ Spend("ambig") /\ UNCHANGED <<run, ahead>>
                /\ UNCHANGED <<claim, ledgerEpoch>>
           ELSE \* refused: give the claim back, and the one behind it, keep the orders parked
                /\ GiveBack(IF behind THEN {F} ELSE {F, ahead[w].f} \ {0})
                /\ ahead' = [ahead EXCEPT ![w] = Idle]
                /\ IF behind THEN UNCHANGED run ELSE run' = [run EXCEPT ![w] = Idle]
                /\ NoFault /\ UNCHANGED ledgerVars
  /\ UNCHANGED <<epoch, draws, claims, line, parked, leavers, apiVars, kafkaVars, up, declared, kept, awake, excused, rebuilt>>
Wake(w2, S) == \* the release wakes those who park a new head; the message may be lost
  \/ UNCHANGED awake
  \/ WAKEUPS # "periodic" /\ awake' = [x \in Workers |-> TRUE]
Release(w) ==
  /\ up[w] /\ run[w].st \in {"committed","relfirst"}
  /\ OFFSETS = "beforeRelease" => \A o \in run[w].os : (owner[o] = w) => record[o] # "log"
  /\ LET S == run[w].os IN
     /\ line' = [o \in Orders |-> IF o \in S THEN 0 ELSE line[o]]
     /\ parked' = [o \in Orders |-> IF o \in S THEN None ELSE parked[o]]
     /\ claim' = [o \in Orders |-> IF o \in S THEN NoClaim ELSE claim[o]]
  /\ run' = [run EXCEPT ![w].st = IF @ = "relfirst" THEN "relcommit" ELSE "released"]
  /\ Wake(w, run[w].os)
  /\ NoFault /\ UNCHANGED <<epoch, draws, claims, leavers, apiVars, kafkaVars, up, declared, kept, ahead, ledgerVars, excused, rebuilt>>
Offsets(w) ==
  /\ up[w] /\ run[w].st = (IF OFFSETS = "afterRelease" THEN "released" ELSE "committed")
  /\ (OFFSETS = "beforeRelease") => \E o \in run[w].os : owner[o] = w /\ record[o] = "log"
  /\ record' = [o \in Orders |-> IF o \in run[w].os /\ owner[o] = w THEN "done" ELSE record[o]]
  /\ kept' = [kept EXCEPT ![w] = @ \ run[w].os]
  /\ IF OFFSETS = "afterRelease" THEN run' = [run EXCEPT ![w] = ahead[w]] /\ ahead' = [ahead EXCEPT ![w] = Idle]
     ELSE UNCHANGED <<run, ahead>>
  /\ NoFault /\ UNCHANGED <<redisVars, apiVars, owner, up, declared, awake, ledgerVars, excused, rebuilt>>
Finish(w) == /\ OFFSETS = "beforeRelease" /\ up[w] /\ run[w].st = "released"
             /\ run' = [run EXCEPT ![w] = ahead[w]] /\ ahead' = [ahead EXCEPT ![w] = Idle]
             /\ NoFault /\ UNCHANGED <<redisVars, apiVars, kafkaVars, up, declared, kept, awake, ledgerVars, excused, rebuilt>>
\* an order somebody else decided (helping, cancel, duplicate): its keeper learns it from the ledger and moves on
Learn(w, o) == /\ up[w] /\ o \in kept[w] /\ o \notin InHand(w) /\ outcome[o] # None /\ line[o] = 0 /\ owner[o] = w
               /\ kept' = [kept EXCEPT ![w] = @ \ {o}] /\ record' = [record EXCEPT ![o] = "done"]
               /\ NoFault /\ UNCHANGED <<redisVars, apiVars, owner, up, declared, run, ahead, awake, ledgerVars, excused, rebuilt>>
Sweep(o) == /\ SWEEP /\ line[o] # 0 /\ outcome[o] # None /\ ~claim[o].live
            /\ line' = [line EXCEPT ![o] = 0] /\ parked' = [parked EXCEPT ![o] = None] /\ claim' = [claim EXCEPT ![o] = NoClaim]
            /\ NoFault /\ UNCHANGED <<epoch, draws, claims, leavers, apiVars, kafkaVars, workerVars, ledgerVars, excused, rebuilt>>
Crash(w) == /\ up[w] /\ Spend("crash") /\ \E x \in Workers : x # w /\ up[x]
            /\ up' = [up EXCEPT ![w] = FALSE] /\ kept' = [kept EXCEPT ![w] = {}] /\ run' = [run EXCEPT ![w] = Idle]
            /\ ahead' = [ahead EXCEPT ![w] = Idle]
            /\ awake' = [awake EXCEPT ![w] = FALSE] /\ declared' = [declared EXCEPT ![w] = {}]
            /\ UNCHANGED <<redisVars, apiVars, kafkaVars, ledgerVars, excused, rebuilt>>
\* group rebalance: the partition of o goes to another live worker; the old one may not know yet
Rebalance(o) == /\ owner[o] # None /\ record[o] = "log"
                /\ \E x \in Workers : x # owner[o] /\ up[x] /\ owner' = [owner EXCEPT ![o] = x]
                /\ IF up[owner[o]] THEN Spend("rebal") ELSE NoFault
                /\ UNCHANGED <<redisVars, apiVars, record, workerVars, ledgerVars, excused, rebuilt>>
\* the old owner notices, drops what it does not have in its run, un-parks only what is still its own
Unpark(w, o) == /\ up[w] /\ o \in kept[w] /\ o \notin InHand(w) /\ owner[o] # w
                /\ kept' = [kept EXCEPT ![w] = @ \ {o}]
                /\ parked' = [parked EXCEPT ![o] = IF @ = w THEN None ELSE @]
                /\ NoFault /\ UNCHANGED <<epoch, draws, claims, line, claim, leavers, apiVars, kafkaVars, up, declared, run, ahead, awake, ledgerVars, excused, rebuilt>>
\* ---------------- Redis loses memory
Flush == /\ epoch > 0 /\ Spend("flush")
         /\ epoch' = 0 /\ draws' = 0 /\ claims' = 0
         /\ line' = [o \in Orders |-> 0] /\ parked' = [o \in Orders |-> None] /\ claim' = [o \in Orders |-> NoClaim] /\ leavers' = {}
         /\ excused' = excused \cup (IF REBUILD_FIRST THEN {o \in Orders : api[o] = "drawn"} ELSE {o \in Orders : ticket[o] # 0 /\ outcome[o] = None})
         /\ rebuilt' = FALSE
         /\ UNCHANGED <<apiVars, kafkaVars, workerVars, ledgerVars>>
NewEpoch == /\ epoch = 0 /\ epoch' = ledgerEpoch + 1 /\ ledgerEpoch' = ledgerEpoch + 1
            /\ NoFault /\ UNCHANGED <<draws, claims, line, parked, claim, leavers, apiVars, kafkaVars, workerVars, outcome, stock, fence, lastTicket, inversions, excused, rebuilt>>
\* a replica that lags by one draw / one claim takes over
Failover == /\ epoch > 0 /\ draws > 0 /\ Spend("failover")
            /\ IF FAILOVER_HAS_EPOCH THEN /\ epoch' = ledgerEpoch + 1 /\ ledgerEpoch' = ledgerEpoch + 1 /\ draws' = 0 /\ claims' = 0
               ELSE /\ draws' = draws - 1 /\ claims' = (IF claims > 0 THEN claims - 1 ELSE 0) /\ UNCHANGED <<epoch, ledgerEpoch>>
            /\ line' = [o \in Orders |-> IF line[o] = epoch * 10 + draws THEN 0 ELSE line[o]]
            /\ claim' = [o \in Orders |-> IF claim[o].f = epoch * 10 + claims THEN NoClaim ELSE claim[o]]
            /\ excused' = excused \cup {o \in Orders : ticket[o] # 0 /\ outcome[o] = None}
            /\ UNCHANGED <<parked, leavers, apiVars, kafkaVars, workerVars, outcome, stock, fence, lastTicket, inversions, rebuilt>>
Done == /\ \A o \in Orders : api[o] # "new" /\ api[o] # "drawn" /\ api[o] # "failing" /\ record[o] # "log" /\ line[o] = 0
        /\ UNCHANGED vars
ApiStep(o) == Publish(o) \/ PublishFails(o) \/ ApiDies(o) \/ Forget(o)
Next == \/ \E o \in Orders : Draw(o) \/ ApiStep(o) \/ Cancel(o) \/ Leave(o) \/ Orphan(o) \/ Zombie(o) \/ Expire(o) \/ Rebalance(o) \/ Sweep(o)
        \/ \E w \in Workers, o \in Orders : Deliver(w, o) \/ Repark(w, o) \/ Learn(w, o) \/ Unpark(w, o)
        \/ \E w \in Workers : Ask(w) \/ Claim(w) \/ WakeNoop(w) \/ Commit(w) \/ Release(w) \/ Offsets(w) \/ Finish(w) \/ Crash(w)
        \/ Flush \/ NewEpoch \/ Failover
        \/ Done
Spec == Init /\ [][Next]_vars
Fair == /\ \A o \in Orders : WF_vars(Draw(o)) /\ WF_vars(ApiStep(o)) /\ WF_vars(Cancel(o)) /\ WF_vars(Orphan(o)) /\ WF_vars(Sweep(o))
                              /\ WF_vars(Expire(o) /\ HolderGone(o)) /\ WF_vars(Rebalance(o) /\ ~up[owner[o]])
        /\ \A w \in Workers, o \in Orders : WF_vars(Deliver(w, o)) /\ WF_vars(Repark(w, o)) /\ WF_vars(Learn(w, o)) /\ WF_vars(Unpark(w, o))
        /\ \A w \in Workers : WF_vars(Ask(w)) /\ SF_vars(Claim(w)) /\ WF_vars(Commit(w)) /\ WF_vars(Release(w)) /\ WF_vars(Offsets(w)) /\ WF_vars(Finish(w))
        /\ WF_vars(NewEpoch)
FairSpec == Spec /\ Fair
\* ---------------- properties
StockNotNegative == \A p \in Products : stock[p] >= 0
StockAddsUp == \A p \in Products : stock[p] + Cardinality({o \in Orders : outcome[o] = "FULFILLED" /\ p \in ProductsOf[o]}) = Initially[p]
TicketOrder == inversions \subseteq excused
NothingLost == \A o \in Orders : record[o] = "done" => (outcome[o] # None \/ o \in leavers)
OneOutcome == \A o \in Orders : told[o] = "LEFT" => outcome[o] \in {None, "CANCELLED"}
UniqueTickets == \A a, b \in Orders : (a # b /\ ticket[a] # 0) => ticket[a] # ticket[b]
OutcomesAreFinal == [][\A o \in Orders : outcome[o] # None => outcome'[o] = outcome[o]]_vars
Decided == \A o \in Orders : (record[o] = "log" /\ o \notin leavers) ~> (outcome[o] # None \/ o \in leavers)
Drains == <>[](\A o \in Orders : line[o] = 0)
=============================================================================
