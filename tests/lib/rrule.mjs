// An implementation of RFC 5545's rules that is not the program's.
import rrule from 'rrule';

export { rrule };
