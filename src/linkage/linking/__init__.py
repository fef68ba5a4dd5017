"""From codes that share match keys to groups of records of one person.

Steps are functions over arrays and Arrow batches; `linkage.pipeline` calls them in turn. The modules form layers, and a
module imports only from earlier layers, never from its own or a later one (`tests/boundary/test_layers.py`):

1. Foundations: `compiled` (every loop compiled by numba), `decide` (link, review, no link), `odds` (probabilities and
   log odds), `patterns` (levels of a pair and their counts), `recapture` (matches that share no match key), `rivals`
   (non-matches that agree for a reason), `strata` (pairs of reporters); and before them `sums` (sums that no order
   changes).
2. `candidates` finds pairs of records that share a match key; `compare` turns each pair into one level per field;
   `clusters` groups records by average linkage; `meeting` estimates how much a missing match key counts; `copies` finds
   records that count once; `accuracy` estimates precision and recall; `namesakes` finds pairs that say too little to
   join anybody; `draws` draws how the pairs that are not certain may fall. After them, `model` holds the fitted
   parameters.
3. `compared` is the comparison as engines run it; `score` weighs the levels with a model [Fellegi1969]; `bridges`
   finds what one reporter alone would join; `never_met` estimates the joins that are missing because records share no
   match key.
4. `seats` finds the persons of each reporter and joins the evidence between them; `partners` finds the pairs that
   exact partners hold apart; `fit` learns a model with EM; `proven` corrects it by what numbers prove; `reasons`
   explains decisions.
5. `compete` weighs the candidates of each seat against each other.
"""
