"""Array aliases of the core, so that signatures say what an array holds."""

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.int64]  # values in 10^-4 of the item's unit
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Index = NDArray[np.int32]
Ids = NDArray[np.uint64]
Versions = NDArray[np.uint64]
Statuses = NDArray[np.int8]
Ratios = NDArray[np.float64]
Instants = NDArray[np.int64]  # UTC milliseconds
