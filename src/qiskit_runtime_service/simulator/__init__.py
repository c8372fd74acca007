"""What computes the jobs of an emulated cloud: from job parameters to results, with the noise of the device."""
