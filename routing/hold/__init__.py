"""Island self-defence: who of the people on an island does which task until relief comes, and how good that is."""
