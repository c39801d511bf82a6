"""Where tasks run: workers of this machine (`local`), or a Ray cluster (`ray`), behind one small interface (`base`)."""
