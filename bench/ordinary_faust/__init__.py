"""An ordinary Faust program doing the stream's job: a message an observation, state in dicts."""
