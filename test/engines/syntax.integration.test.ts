import { postgresSubject } from './contract-subjects.ts';
import { describeSyntaxOn } from './syntax-suite.ts';

describeSyntaxOn(postgresSubject('local', '18'));
