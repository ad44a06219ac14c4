------------------------------ MODULE Redlock ------------------------------
(***************************************************************************)
(* Redlock with a fencing token: attempts, what nodes grant, confirm and   *)
(* forget, how a node that forgot is seeded, and what the ledger accepts.  *)
(* docs/protocol.md tells the protocol in words; docs/spec/README.md says  *)
(* what is checked, and which action is which part of the code. A name in  *)
(* capitals below is a choice of the design, so that the choices that were *)
(* not made can be seen to fail.                                           *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, Sequences, TLC
CONSTANTS
  Nodes, Products,
  Attempts,            \* each has an owner name of its own; which process makes it is open, see Floors
  Wanted,              \* attempt -> its products
  InitialMax,          \* a node's first counter is any from 1 to this, above its epoch
  EpochSize,           \* more than the grants of an epoch; 2^40 in the code
  Seeders,             \* how many processes may seed one node at once
  MaxRestarts,         \* how often a node loses its memory, all together
  MaxRepeats,          \* how often an acquire runs twice at a node, all together
  LATE,                \* what was sent for an attempt may run at a node after the attempt has won or was given up
  CLOCKS,              \* "behave": no key ends before the validity that rests on it | "fail": keys end whenever
  WRITE_BACK,          \* "held": only while the node still holds the keys for the attempt | "blind": always | "none"
  HEALING,             \* a node without a counter: "epoch": grants nothing before it is seeded | "floor": counts from 0
  BOUND,               \* an epoch is installed only on the memory that was marked before it was drawn
  WAIT,                \* seeding waits one maximum lease
  LEDGER_CHECK         \* "lt": takes a token if last < token | "le": if last <= token
VARIABLES
  \* the nodes: fencing counter (0 when there is none), product -> owner of its key; ghost: owners of the keys that were forgotten
  counter, keys, forgotten,
  \* the ledger's last epoch; epochs drawn and not installed yet, each for a node, and whether the marked memory is still there
  epoch, seeds,
  \* the attempts: phase, floor, nodes where the acquire has not run yet, node -> counter granted or 0 (from "confirming" on only
  \* those of the majority), nodes that a write-back is under way to, token, whether validity is left, nodes that it rests on
  phase, floor, asked, grants, behind, token, valid, backing,
  \* ghost: the attempts that were complete when this one began
  before,
  \* the attempts whose writes the ledger took, in this order
  ledger,
  restarts, repeats
nodeVars == <<counter, keys, forgotten>>
seedVars == <<epoch, seeds>>
attemptVars == <<phase, floor, asked, grants, behind, token, valid, backing, before>>
vars == <<nodeVars, seedVars, attemptVars, ledger, restarts, repeats>>

Empty == 0
Nobody == "nobody"
Majorities == {M \in SUBSET Nodes : Cardinality(M) = Cardinality(Nodes) \div 2 + 1}
Max(a, b) == IF a > b THEN a ELSE b
Greatest(S) == CHOOSE x \in S : \A y \in S : y <= x
Init ==
  /\ counter \in [Nodes -> {EpochSize + x : x \in 1..InitialMax}]
  /\ keys = [n \in Nodes |-> [p \in Products |-> Nobody]] /\ forgotten = [n \in Nodes |-> {}]
  /\ epoch = 1 /\ seeds = {}
  /\ phase = [a \in Attempts |-> "new"] /\ floor = [a \in Attempts |-> 0] /\ asked = [a \in Attempts |-> {}]
  /\ grants = [a \in Attempts |-> [n \in Nodes |-> 0]] /\ behind = [a \in Attempts |-> {}] /\ token = [a \in Attempts |-> 0]
  /\ valid = [a \in Attempts |-> FALSE] /\ backing = [a \in Attempts |-> {}] /\ before = [a \in Attempts |-> {}]
  /\ ledger = <<>> /\ restarts = MaxRestarts /\ repeats = MaxRepeats

Complete == {a \in Attempts : phase[a] \in {"held", "released"}}
LastToken(p) == LET rows == {i \in 1..Len(ledger) : p \in Wanted[ledger[i]]}
                IN IF rows = {} THEN 0 ELSE token[ledger[Greatest(rows)]]
\* what a process may know: nothing, a token that it had, or one that the ledger told it
Floors == {0} \cup {token[a] : a \in Complete} \cup {LastToken(p) : p \in Products}

\* ---------------- an attempt
Begin(a) == /\ phase[a] = "new"
            /\ phase' = [phase EXCEPT ![a] = "asking"] /\ valid' = [valid EXCEPT ![a] = TRUE]
            /\ asked' = [asked EXCEPT ![a] = Nodes]
            /\ \E f \in Floors : floor' = [floor EXCEPT ![a] = f]
            /\ before' = [before EXCEPT ![a] = Complete]
            /\ UNCHANGED <<nodeVars, seedVars, grants, behind, token, backing, ledger, restarts, repeats>>
\* The script runs at a node, in time or late. A node that answers "held" or "empty" is one where it has not run.
Ask(a, n) ==
  /\ n \in asked[a]
  /\ \A p \in Wanted[a] : keys[n][p] \in {Nobody, a}
  /\ HEALING = "epoch" => counter[n] # Empty
  /\ LET granted == Max(counter[n], floor[a]) + 1 IN
     /\ counter' = [counter EXCEPT ![n] = granted]
     /\ \/ phase[a] = "asking" /\ grants' = [grants EXCEPT ![a][n] = granted]
        \/ (phase[a] # "asking" \/ grants[a][n] # 0) /\ UNCHANGED grants
  /\ keys' = [keys EXCEPT ![n] = [p \in Products |-> IF p \in Wanted[a] THEN a ELSE @[p]]]
  /\ \/ asked' = [asked EXCEPT ![a] = @ \ {n}] /\ UNCHANGED repeats
     \/ repeats > 0 /\ repeats' = repeats - 1 /\ UNCHANGED asked
  /\ UNCHANGED <<forgotten, seedVars, phase, floor, behind, token, valid, backing, before, ledger, restarts>>
\* any majority of those that granted may have answered first
Won(a) == /\ phase[a] = "asking"
          /\ \E M \in Majorities :
               /\ \A n \in M : grants[a][n] # 0
               /\ LET t == Greatest({grants[a][n] : n \in M}) IN
                  /\ token' = [token EXCEPT ![a] = t]
                  /\ behind' = [behind EXCEPT ![a] = IF WRITE_BACK = "none" THEN {} ELSE {n \in M : grants[a][n] < t}]
               /\ grants' = [grants EXCEPT ![a] = [n \in Nodes |-> IF n \in M THEN @[n] ELSE 0]]
               /\ backing' = [backing EXCEPT ![a] = M]
          /\ phase' = [phase EXCEPT ![a] = "confirming"]
          /\ asked' = [asked EXCEPT ![a] = IF LATE THEN @ ELSE {}]
          /\ UNCHANGED <<nodeVars, seedVars, floor, valid, before, ledger, restarts, repeats>>
\* the script runs at a node, also after the attempt was given up
WriteBack(a, n) == /\ n \in behind[a] /\ counter[n] # Empty
                   /\ WRITE_BACK = "held" => \A p \in Wanted[a] : keys[n][p] = a
                   /\ counter' = [counter EXCEPT ![n] = Max(@, token[a])]
                   /\ behind' = [behind EXCEPT ![a] = @ \ {n}]
                   /\ UNCHANGED <<keys, forgotten, seedVars, phase, floor, asked, grants, token, valid, backing, before, ledger, restarts, repeats>>
Finish(a) == /\ phase[a] = "confirming" /\ behind[a] = {} /\ valid[a]
             /\ phase' = [phase EXCEPT ![a] = "held"]
             /\ UNCHANGED <<nodeVars, seedVars, floor, asked, grants, behind, token, valid, backing, before, ledger, restarts, repeats>>
\* too many refusals, a write-back that is refused or not answered, no validity left
GiveUp(a) == /\ phase[a] \in {"asking", "confirming"}
             /\ phase' = [phase EXCEPT ![a] = "over"] /\ valid' = [valid EXCEPT ![a] = FALSE]
             /\ grants' = [grants EXCEPT ![a] = [n \in Nodes |-> 0]] /\ backing' = [backing EXCEPT ![a] = {}]
             /\ before' = [before EXCEPT ![a] = {}]
             /\ IF LATE THEN UNCHANGED <<floor, asked, behind, token>>
                ELSE /\ floor' = [floor EXCEPT ![a] = 0] /\ asked' = [asked EXCEPT ![a] = {}]
                     /\ behind' = [behind EXCEPT ![a] = {}] /\ token' = [token EXCEPT ![a] = 0]
             /\ UNCHANGED <<nodeVars, seedVars, ledger, restarts, repeats>>

\* ---------------- a lease
\* one round, which a majority granted
Extend(a) == /\ CLOCKS = "behave" /\ phase[a] = "held" /\ valid[a]
             /\ \E M \in Majorities : /\ M # backing[a]
                                      /\ \A n \in M, p \in Wanted[a] : keys[n][p] = a
                                      /\ backing' = [backing EXCEPT ![a] = M]
             /\ UNCHANGED <<nodeVars, seedVars, phase, floor, asked, grants, behind, token, valid, before, ledger, restarts, repeats>>
\* nobody looks at the validity when keys end whenever
ValidityEnds(a) == /\ CLOCKS = "behave" /\ valid[a]
                   /\ valid' = [valid EXCEPT ![a] = FALSE]
                   /\ UNCHANGED <<nodeVars, seedVars, phase, floor, asked, grants, behind, token, backing, before, ledger, restarts, repeats>>
\* A key is deleted by a release (of an attempt that is over, a lease that was released, a grant that came late), or it expires.
\* Until validity ends it may go only where the validity does not rest on it.
KeyGoes(n, p) == /\ keys[n][p] # Nobody
                 /\ LET a == keys[n][p] IN \/ CLOCKS = "fail" \/ ~valid[a]
                                           \/ phase[a] = "held" /\ n \notin backing[a]
                 /\ keys' = [keys EXCEPT ![n][p] = Nobody]
                 /\ UNCHANGED <<counter, forgotten, seedVars, attemptVars, ledger, restarts, repeats>>
Takes(t, last) == IF LEDGER_CHECK = "lt" THEN last < t ELSE last <= t
\* whoever holds a lease writes at some time, also after its validity has ended, and releases; or is refused, and releases
Write(a) == /\ phase[a] = "held"
            /\ ledger' = IF \A p \in Wanted[a] : Takes(token[a], LastToken(p)) THEN Append(ledger, a) ELSE ledger
            /\ phase' = [phase EXCEPT ![a] = "released"] /\ valid' = [valid EXCEPT ![a] = FALSE]
            /\ backing' = [backing EXCEPT ![a] = {}]
            /\ UNCHANGED <<nodeVars, seedVars, floor, asked, grants, behind, token, before, restarts, repeats>>

\* ---------------- a node loses its memory
Restart(n) == /\ restarts > 0 /\ restarts' = restarts - 1
              /\ counter' = [counter EXCEPT ![n] = Empty]
              /\ keys' = [keys EXCEPT ![n] = [p \in Products |-> Nobody]]
              /\ forgotten' = [forgotten EXCEPT ![n] = IF CLOCKS = "behave" THEN (@ \cup {keys[n][p] : p \in Products}) \ {Nobody} ELSE {}]
              /\ seeds' = {IF s.node = n THEN [s EXCEPT !.marked = FALSE] ELSE s : s \in seeds}
              /\ UNCHANGED <<epoch, attemptVars, ledger, repeats>>
\* marks the memories of some empty nodes, and draws one epoch for all of them
SeedTake == /\ HEALING = "epoch"
            /\ \E N \in SUBSET {n \in Nodes : counter[n] = Empty /\ Cardinality({s \in seeds : s.node = n}) < Seeders} :
                 /\ N # {}
                 /\ epoch' = epoch + 1
                 /\ seeds' = seeds \cup {[node |-> n, epoch |-> epoch + 1, marked |-> TRUE] : n \in N}
            /\ UNCHANGED <<nodeVars, attemptVars, ledger, restarts, repeats>>
\* one maximum lease later: what rested on a forgotten key has ended, or was extended without it
Waited(n) == \A a \in forgotten[n] : ~valid[a] \/ (phase[a] = "held" /\ n \notin backing[a])
SeedPut(s) == /\ seeds' = seeds \ {s}
              /\ LET n == s.node IN
                 IF counter[n] = Empty /\ (BOUND => s.marked)
                 THEN /\ (WAIT /\ CLOCKS = "behave") => Waited(n)
                      /\ counter' = [counter EXCEPT ![n] = s.epoch * EpochSize]
                      /\ forgotten' = [forgotten EXCEPT ![n] = {}]
                 ELSE UNCHANGED <<counter, forgotten>>
              /\ UNCHANGED <<keys, epoch, attemptVars, ledger, restarts, repeats>>
SeedPutAt(n) == \E s \in seeds : s.node = n /\ SeedPut(s)

Done == /\ \A a \in Attempts : phase[a] \in {"over", "released"}
        /\ HEALING = "epoch" => \A n \in Nodes : counter[n] # Empty
        /\ UNCHANGED vars
AttemptStep(a) == Won(a) \/ Finish(a) \/ GiveUp(a) \/ Write(a)
Next == \/ \E a \in Attempts : Begin(a) \/ AttemptStep(a) \/ Extend(a) \/ ValidityEnds(a)
        \/ \E a \in Attempts, n \in Nodes : Ask(a, n) \/ WriteBack(a, n)
        \/ \E n \in Nodes : Restart(n) \/ SeedPutAt(n)
        \/ \E n \in Nodes, p \in Products : KeyGoes(n, p)
        \/ SeedTake
        \/ Done
Spec == Init /\ [][Next]_vars
FairSpec == /\ Spec
            /\ \A a \in Attempts : WF_vars(AttemptStep(a))
            /\ \A n \in Nodes : WF_vars(SeedPutAt(n))
            /\ WF_vars(SeedTake)
\* ---------------- properties
Exclusion == CLOCKS = "behave" => \A a, b \in Attempts : (a # b /\ Wanted[a] \cap Wanted[b] # {})
                                     => ~(phase[a] = "held" /\ valid[a] /\ phase[b] = "held" /\ valid[b])
\* also without a shared product
TokensGrow == \A b \in Complete : \A a \in before[b] : token[a] < token[b]
\* a node that has a counter is at or above every token that it confirmed
NeverBelow == \A a \in Complete, n \in Nodes : (grants[a][n] # 0 /\ counter[n] # Empty) => token[a] <= counter[n]
\* At a node of both majorities; from one memory to the next its counter grows as well. A grant that was repeated has no one moment.
GrantedBefore(a, b) == MaxRepeats = 0 /\ \E n \in Nodes : grants[a][n] # 0 /\ grants[b][n] # 0 /\ grants[a][n] < grants[b][n]
LaterIsGreater == \A a, b \in Complete : (a # b /\ Wanted[a] \cap Wanted[b] # {} /\ GrantedBefore(a, b)) => token[a] < token[b]
\* nobody writes after one who is later
NoStaleWrite == \A i, j \in 1..Len(ledger) : i < j =>
                  LET first == ledger[i]  second == ledger[j] IN
                  Wanted[first] \cap Wanted[second] # {} => ~(second \in before[first] \/ GrantedBefore(second, first))
\* two writes never have one fence
FencesGrow == \A i, j \in 1..Len(ledger) : (i < j /\ Wanted[ledger[i]] \cap Wanted[ledger[j]] # {}) => token[ledger[i]] < token[ledger[j]]
AllEnds == \A a \in Attempts : phase[a] = "asking" ~> phase[a] \in {"over", "released"}
Reseeded == <>[](\A n \in Nodes : counter[n] # Empty)
=============================================================================
