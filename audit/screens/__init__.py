"""The review app: one file a page, small pieces in parts/, the player of a case in player/."""
