"""The front door of the review app: `audit app` starts it, or `streamlit run app.py`."""

from audit.screens.door import open_door

open_door()
