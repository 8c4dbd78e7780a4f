// F5 and all that follows.
export {};
